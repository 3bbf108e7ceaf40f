import type { Suppressions } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { SuppressionCursor, suppressionCursorOf } from './suppression-params.ts'
import { suppressionView } from './suppression-view.ts'

export const ListSuppressionsQuery = PageQuery.extend({ cursor: SuppressionCursor.optional() })

export function listSuppressionsRoute(o: {
  authenticate: Authenticate
  listSuppressions: Suppressions['list']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { limit, cursor } = parseQuery(ListSuppressionsQuery, req)
    const { data, next } = await o.listSuppressions(user, { after: cursor, limit })
    res.json({ data: data.map(suppressionView), next: suppressionCursorOf(next) })
  }
}
