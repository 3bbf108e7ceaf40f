import type { ApiKeys } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { ApiKeyCursor, apiKeyCursorOf } from './api-key-id.ts'
import { apiKeyView } from './api-key-view.ts'

export const ListApiKeysQuery = PageQuery.extend({ cursor: ApiKeyCursor.optional() })

export function listApiKeysRoute(o: { authenticate: Authenticate; listApiKeys: ApiKeys['listOf'] }): RequestHandler {
  return async (req, res) => {
    const { id } = await o.authenticate(req, res, 'account')
    const { cursor, limit } = parseQuery(ListApiKeysQuery, req)
    const { data, next } = await o.listApiKeys(id, { after: cursor, limit })
    res.json({ data: data.map(apiKeyView), next: apiKeyCursorOf(next) })
  }
}
