import { BULK_OPERATIONS_MAX, type BulkOperations, type BulkOrder, type ListPlace } from '@whatsapp-sender/store'
import type { Request, Response } from 'express'
import { clientAddressOf } from '../http/client-address.ts'
import type { Once } from '../http/once.ts'
import { ProblemError } from '../http/problem.ts'
import type { Principal } from '../principal.ts'
import { bulkOperationView } from './bulk-operation-view.ts'

type Wanted = Readonly<{ principal: Principal; order: BulkOrder; from: ListPlace | undefined }>

/**
 * Answers with an operation that is done beside the requests, of all that is accepted by now.
 * @throws {ProblemError} 400, 409, 422
 */
export type OrderBulkOperation = (req: Request, res: Response, wanted: Wanted) => Promise<void>

export function createOrderBulkOperation(o: {
  once: Once
  order: BulkOperations['order']
  onOrdered(): void
}): OrderBulkOperation {
  return async (req, res, { principal: { id: by }, order, from }) => {
    await o.once(req, res, { id: by }, async () => {
      const made = await o.order({ by, address: clientAddressOf(req), order: untilNow(order), from })
      if (made === 'too-many') {
        throw new ProblemError(
          'too-many-operations',
          `${BULK_OPERATIONS_MAX} operations are running. Order another when one of them is done.`,
          { retryAfterSeconds: 5 },
        )
      }
      o.onOrdered()
      const body = bulkOperationView(made)
      return { status: 202, headers: { location: body.links.self, 'preference-applied': 'respond-async' }, body }
    })
  }
}

function untilNow(order: BulkOrder): BulkOrder {
  const acceptedUntil = new Date()
  if (order.kind === 'cancel') return { ...order, filter: { ...order.filter, acceptedUntil } }
  return { ...order, filter: { ...order.filter, acceptedUntil } }
}
