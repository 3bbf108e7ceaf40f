import type { BulkOperations } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { bulkOperationView } from './bulk-operation-view.ts'

/** `:id` of a route. */
export const BulkOperationParams = z.object({ id: z.uuid('must be the id of an operation').toLowerCase() })

export function readBulkOperationRoute(o: {
  authenticate: Authenticate
  findOperation: BulkOperations['find']
}): RequestHandler {
  return async (req, res) => {
    const { id: by } = await o.authenticate(req, res, 'messages:read')
    const { id } = parseParams(BulkOperationParams, req)
    const operation = await o.findOperation({ id, by })
    if (operation === undefined) throw new ProblemError('operation-not-found', 'There is no such operation.')
    res.json(bulkOperationView(operation))
  }
}
