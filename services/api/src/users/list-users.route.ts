import type { User } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { CURSOR_FAULT } from '../place-cursor.ts'
import { userView } from './user-view.ts'

export const ListUsersQuery = PageQuery.extend({
  status: z.enum(['pending', 'approved', 'rejected']).optional(),
  // Ids of users: any other would be no place in the list, and the answer its first page again.
  cursor: z
    .string()
    .regex(/^[0-9a-f]{24}$/, CURSOR_FAULT)
    .optional(),
})

export type ListUsers = (
  status: User['status'] | undefined,
  page: { after?: string; limit: number },
) => Promise<{ data: User[]; next: string | undefined }>

export function listUsersRoute(o: { authenticate: Authenticate; listUsers: ListUsers }): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'users')
    const { status, limit, cursor } = parseQuery(ListUsersQuery, req)
    const { data, next } = await o.listUsers(status, { limit, ...(cursor !== undefined && { after: cursor }) })
    res.json({ data: data.map(userView), next: next ?? null })
  }
}
