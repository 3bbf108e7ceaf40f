import type { RouteTable } from '../http/app.ts'
import { sendBatchRoute } from './send-batch.route.ts'
import { createSendBatch } from './send-batch.ts'

type Needs = Omit<Parameters<typeof sendBatchRoute>[0], 'sendBatch'> & Parameters<typeof createSendBatch>[0]

/** Many messages in one call. */
export function batchRoutes(o: Needs): RouteTable {
  const sendBatch = createSendBatch(o)
  return {
    '/v1/messages/batch': { post: [sendBatchRoute({ ...o, sendBatch })] },
  }
}
