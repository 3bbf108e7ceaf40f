import type { AuditLog } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { placeCursor } from '../place-cursor.ts'

const { Cursor, cursorOf } = placeCursor('[0-9a-f-]{36}')

export const ListAuditQuery = PageQuery.extend({
  cursor: Cursor.optional(),
  by: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a user id')
    .optional(),
  target: z.string().min(1).max(300).optional(),
})

export function listAuditRoute(o: { authenticate: Authenticate; listAudit: AuditLog['list'] }): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'audit')
    const { by, target, cursor, limit } = parseQuery(ListAuditQuery, req)
    const { data, next } = await o.listAudit({ by, target }, { after: cursor, limit })
    res.json({ data, next: cursorOf(next) })
  }
}
