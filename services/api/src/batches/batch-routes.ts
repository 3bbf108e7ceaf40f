import type { RouteTable } from '../http/app.ts'
import { sendBatchRoute } from './send-batch.route.ts'
import { createSendBatch } from './send-batch.ts'

type Route = ReturnType<typeof sendBatchRoute>

type Needs = Omit<Parameters<typeof sendBatchRoute>[0], 'sendBatch'> &
  Parameters<typeof createSendBatch>[0] &
  Readonly<{
    /** Brings what a route accepts into the trace of its request. */
    traced(route: Route): Route
  }>

/** Many messages in one call. */
export function batchRoutes(o: Needs): RouteTable {
  const sendBatch = createSendBatch(o)
  return {
    '/v1/messages/batch': { post: [o.traced(sendBatchRoute({ ...o, sendBatch }))] },
  }
}
