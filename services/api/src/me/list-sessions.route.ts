import type { RefreshTokens, Session } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { SessionCursor, sessionCursorOf } from './session-id.ts'

export const ListSessionsQuery = PageQuery.extend({ cursor: SessionCursor.optional() })

export function listSessionsRoute(o: {
  authenticate: Authenticate
  listSessions: RefreshTokens['listOf']
}): RequestHandler {
  return async (req, res) => {
    const { id } = await o.authenticate(req, res, 'account')
    const { cursor, limit } = parseQuery(ListSessionsQuery, req)
    const { data, next } = await o.listSessions(id, { after: cursor, limit })
    res.json({ data: data.map(sessionView), next: sessionCursorOf(next) })
  }
}

function sessionView({ address, ...rest }: Session) {
  return { ...rest, address: address ?? null }
}
