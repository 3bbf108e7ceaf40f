import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { answeredAt } from './answered-at.ts'
import { ProblemError } from './problem.ts'
import { type NextRequestId, requestIdOf } from './request-id.ts'
import { securityHeaders } from './security-headers.ts'

export type FinishedRequest = Readonly<{
  requestId: string
  method: string
  /** The route's pattern, never the path: the path holds ids. */
  route: string
  status: number
  /** Until the answer had ended, or until a stream had begun. To the microsecond. A clock's noise behind it makes a log line longer, and now and then look like a number. */
  seconds: number
}>

/**
 * Gives every request an id and every answer its fixed headers, and reports the request when it has been answered. One
 * middleware for all that, for each costs the accept of a message a hundredth.
 */
export function requestLog(o: { nextId: NextRequestId; onFinished(request: FinishedRequest): void }): RequestHandler {
  const headers = securityHeaders()
  return (req, res, next) => {
    const startedAt = performance.now()
    const requestId = requestIdOf(req.headers, o.nextId)
    for (const [name, value] of headers) res.setHeader(name, value)
    res.setHeader('Request-Id', requestId)
    // The name that proxies and log collectors know.
    res.setHeader('X-Request-Id', requestId)
    res.on('close', () => {
      o.onFinished({
        requestId,
        method: req.method,
        route: routeOf(req),
        status: res.statusCode,
        seconds: Math.round((answeredAt(res) - startedAt) * 1000) / 1e6,
      })
    })
    if (hostsOf(req) !== 1 && req.httpVersion !== '1.0') throw new ProblemError('invalid-request', NO_HOST)
    next()
  }
}

const NO_HOST = 'The request must have one Host header.'

/** Node shows the first of several; a proxy in front may have gone by another. */
function hostsOf({ rawHeaders }: IncomingMessage): number {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts
}

/** The pattern of the route that a request has come to. */
export function routeOf({ route }: Readonly<{ route?: unknown }>): string {
  if (typeof route !== 'object' || route === null || !('path' in route)) return 'none'
  return typeof route.path === 'string' ? route.path : 'none'
}
