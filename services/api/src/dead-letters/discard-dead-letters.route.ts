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
import { isChosen, NOT_CHOSEN } from './which-dead-letters.ts'

/** Which dead letters are to be discarded. */
export function discardManyBody(recipient: RecipientSchema) {
  const fields = { ...deadLetterFields(recipient), all: z.literal(true).optional(), cursor: Cursor.optional() }
  return z.strictObject(fields).refine(isChosen, NOT_CHOSEN)
}

export function discardDeadLettersRoute(o: {
  authenticate: Authenticate
  audit: Audit
  recipient: RecipientSchema
  discardMatching: Ledger['discardMatching']
  orderBulk: OrderBulkOperation
}): RequestHandler {
  const DiscardManyBody = discardManyBody(o.recipient)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send')
    const { all: _all, cursor, ...filter } = parseBody(DiscardManyBody, req)
    const which = filterFor(principal, filter)
    if (prefersAsync(req)) {
      const order = { kind: 'discard', filter: which } as const
      return await o.orderBulk(req, res, { principal, order, from: cursor })
    }
    const { done, next } = await actOnMany(cursor, (page) => o.discardMatching(which, { by: principal.id, ...page }))
    if (which.user !== principal.id) {
      const act = { by: principal.id, target: which.user ?? 'everybody' }
      await o.audit(req, { ...act, action: 'dead-letters.discarded', details: { count: done } })
    }
    res.json({ discarded: done, next: cursorOf(next) })
  }
}
