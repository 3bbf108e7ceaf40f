import type { Undecodable } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { UndecodableCursor, undecodableCursorOf } from './undecodable-id.ts'
import { undecodableEntry } from './undecodable-view.ts'

export const ListUndecodableQuery = PageQuery.extend({ cursor: UndecodableCursor.optional() })

export function listUndecodableRoute(o: {
  authenticate: Authenticate
  listUndecodable: Undecodable['list']
}): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'undecodable')
    const { limit, cursor } = parseQuery(ListUndecodableQuery, req)
    const { data, next } = await o.listUndecodable({ after: cursor, limit })
    res.json({ data: data.map(undecodableEntry), next: undecodableCursorOf(next) })
  }
}
