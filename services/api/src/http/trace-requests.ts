import type { RequestHandler } from 'express'
import type { MessageTraces } from '../message-traces.ts'
import { routeOf } from './request-log.ts'

/** Brings what a route accepts into the trace of its request. The route itself, when nothing is traced. */
export function traceRequests(
  traces: Pick<MessageTraces, 'request'> | undefined,
): (route: RequestHandler) => RequestHandler {
  if (traces === undefined) return (route) => route
  return (route) => (req, res, next) => {
    const caller = req.headers['traceparent']
    const request = traces.request({
      method: req.method,
      route: routeOf(req),
      caller: typeof caller === 'string' ? caller : undefined,
    })
    res.on('close', () => request.answered(res.statusCode))
    return request.during(() => route(req, res, next))
  }
}
