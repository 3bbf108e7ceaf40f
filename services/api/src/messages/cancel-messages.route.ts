import type { Ledger } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { actOnMany } from '../act-on-many.ts'
import type { OrderBulkOperation } from '../bulk-operations/order-bulk-operation.route.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody } from '../http/parse.ts'
import { prefersAsync } from '../http/prefer.ts'
import { Cursor, cursorOf, messageFields } from './message-filter.ts'
import type { RecipientSchema } from './recipient.ts'

const WAITING = ['scheduled', 'queued'] as const

/** Which messages are to be cancelled. */
export function cancelManyBody(recipient: RecipientSchema) {
  return (
    z
      .strictObject({
        ...messageFields(recipient),
        status: z.enum(WAITING).optional(),
        all: z.literal(true).optional(),
        cursor: Cursor.optional(),
      })
      // A body that names nothing is more likely a slip than a wish to cancel everything.
      .refine(
        ({ cursor: _cursor, ...which }) => Object.values(which).some((value) => value !== undefined),
        'must name which messages, or say "all": true',
      )
  )
}

export function cancelMessagesRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  cancelMatching: Ledger['cancelMatching']
  orderBulk: OrderBulkOperation
}): RequestHandler {
  const CancelManyBody = cancelManyBody(o.recipient)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send')
    const { id: user } = principal
    const { all: _all, cursor, status, ...filter } = parseBody(CancelManyBody, req)
    const which = { ...filter, user, statuses: status === undefined ? WAITING : [status] }
    if (prefersAsync(req)) {
      return await o.orderBulk(req, res, { principal, order: { kind: 'cancel', filter: which }, from: cursor })
    }
    const { done, skipped, next } = await actOnMany(cursor, (page) => o.cancelMatching(which, { by: user, ...page }))
    res.json({ cancelled: done, skipped, next: cursorOf(next) })
  }
}
