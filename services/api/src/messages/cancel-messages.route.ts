import type { Ledger } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { actOnMany } from '../act-on-many.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody } from '../http/parse.ts'
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
}): RequestHandler {
  const CancelManyBody = cancelManyBody(o.recipient)
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send')
    const { all: _all, cursor, status, ...filter } = parseBody(CancelManyBody, req)
    const which = { ...filter, user, statuses: status === undefined ? WAITING : [status] }
    const { done, skipped, next } = await actOnMany(cursor, (page) => o.cancelMatching(which, { by: user, ...page }))
    res.json({ cancelled: done, skipped, next: cursorOf(next) })
  }
}
