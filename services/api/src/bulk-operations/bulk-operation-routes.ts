import type { RouteTable } from '../http/app.ts'
import type { Parts } from '../parts.ts'
import { listBulkOperationsRoute } from './list-bulk-operations.route.ts'
import { readBulkOperationRoute } from './read-bulk-operation.route.ts'

/** How far one's own operations have come. They are ordered where what they do is described. */
export function bulkOperationRoutes({ access, store }: Parts): RouteTable {
  const { authenticate } = access
  const { list, find } = store.bulkOperations
  return {
    '/v1/operations': { get: [listBulkOperationsRoute({ authenticate, listOperations: list })] },
    '/v1/operations/:id': { get: [readBulkOperationRoute({ authenticate, findOperation: find })] },
  }
}
