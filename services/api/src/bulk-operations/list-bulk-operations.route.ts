import type { BulkOperations } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { placeCursor } from '../place-cursor.ts'
import { bulkOperationView } from './bulk-operation-view.ts'

const { Cursor, cursorOf } = placeCursor('[0-9a-f-]{36}')

export const ListBulkOperationsQuery = PageQuery.extend({ cursor: Cursor.optional() })

export function listBulkOperationsRoute(o: {
  authenticate: Authenticate
  listOperations: BulkOperations['list']
}): RequestHandler {
  return async (req, res) => {
    const { id: by } = await o.authenticate(req, res, 'messages:read')
    const { limit, cursor } = parseQuery(ListBulkOperationsQuery, req)
    const { data, next } = await o.listOperations(by, { after: cursor, limit })
    res.json({ data: data.map(bulkOperationView), next: cursorOf(next) })
  }
}
