import type { Ledger } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { Cursor, cursorOf, deadLetterFields, filterFor } from './dead-letter-filter.ts'
import { deadLetterView } from './dead-letter-view.ts'

/** Which dead letters are asked for. */
export function listDeadLettersQuery(recipient: RecipientSchema) {
  return PageQuery.extend({ ...deadLetterFields(recipient), cursor: Cursor.optional() })
}

export function listDeadLettersRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  listDeadLetters: Ledger['listDeadLetters']
}): RequestHandler {
  const ListQuery = listDeadLettersQuery(o.recipient)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:read')
    const { limit, cursor, ...filter } = parseQuery(ListQuery, req)
    const { data, next } = await o.listDeadLetters(filterFor(principal, filter), { after: cursor, limit })
    res.json({ data: data.map(deadLetterView), next: cursorOf(next) })
  }
}
