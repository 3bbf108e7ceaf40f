import type { Ledger } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { actOnMany } from '../act-on-many.ts'
import type { OrderBulkOperation } from '../bulk-operations/order-bulk-operation.route.ts'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody } from '../http/parse.ts'
import { prefersAsync } from '../http/prefer.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { Cursor, cursorOf, deadLetterFields, filterFor } from './dead-letter-filter.ts'
import { expiryOf, isOneExpiry, ONE_EXPIRY, REPLAY_EXPIRY } from './replay-expiry.ts'
import { isChosen, NOT_CHOSEN } from './which-dead-letters.ts'

/** Which dead letters are to be replayed, and until when they may be sent. */
export function replayManyBody(recipient: RecipientSchema) {
  const fields = { ...deadLetterFields(recipient), all: z.literal(true).optional(), cursor: Cursor.optional() }
  return z
    .strictObject({ ...fields, ...REPLAY_EXPIRY })
    .refine(isOneExpiry, ONE_EXPIRY)
    .refine(({ expiresAt: _at, ttlSeconds: _ttl, ...which }) => isChosen(which), NOT_CHOSEN)
}

export function replayDeadLettersRoute(o: {
  authenticate: Authenticate
  audit: Audit
  recipient: RecipientSchema
  replayMatching: Ledger['replayMatching']
  orderBulk: OrderBulkOperation
}): RequestHandler {
  const ReplayManyBody = replayManyBody(o.recipient)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send')
    const { all: _all, cursor, expiresAt, ttlSeconds, ...filter } = parseBody(ReplayManyBody, req)
    const which = filterFor(principal, filter)
    const how = { by: principal.id, expiresAt: expiryOf({ expiresAt, ttlSeconds }) }
    if (prefersAsync(req)) {
      const order = { kind: 'replay', filter: which, expiresAt: how.expiresAt } as const
      return await o.orderBulk(req, res, { principal, order, from: cursor })
    }
    const { done, skipped, next } = await actOnMany(cursor, (page) => o.replayMatching(which, { ...how, ...page }))
    if (which.user !== principal.id) {
      const act = { by: principal.id, target: which.user ?? 'everybody' }
      await o.audit(req, { ...act, action: 'dead-letters.replayed', details: { count: done } })
    }
    res.json({ replayed: done, skipped, next: cursorOf(next) })
  }
}
