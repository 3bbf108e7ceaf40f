import { MESSAGE_STATUSES } from '@whatsapp-sender/contract'
import type { Ledger } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { listedMessageView } from './listed-message-view.ts'
import { Cursor, cursorOf, messageFields } from './message-filter.ts'
import type { RecipientSchema } from './recipient.ts'

/** A message that is only accepted is in no list yet. */
const ListedStatus = z.enum(MESSAGE_STATUSES).exclude(['accepted'])

/** Which messages are asked for. */
export function listMessagesQuery(recipient: RecipientSchema) {
  return PageQuery.extend({
    ...messageFields(recipient),
    status: ListedStatus.optional(),
    attention: z
      .literal('true', 'must be "true"')
      .transform(() => true as const)
      .optional(),
    cursor: Cursor.optional(),
  })
}

export function listMessagesRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  listMessages: Ledger['listMessages']
}): RequestHandler {
  const ListQuery = listMessagesQuery(o.recipient)
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { limit, cursor, status, ...filter } = parseQuery(ListQuery, req)
    const statuses = status && [status]
    const { data, next } = await o.listMessages({ ...filter, user, statuses }, { after: cursor, limit })
    res.json({ data: data.map((row) => listedMessageView(row)), next: cursorOf(next) })
  }
}
