import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'

const SAFE_ID = /^[A-Za-z0-9._-]{1,64}$/

export type FinishedRequest = Readonly<{
  requestId: string
  method: string
  /** The route's pattern, never the path: the path holds ids. */
  route: string
  status: number
  seconds: number
}>

/** Gives every request an id, echoes it, and reports the request when it has been answered. */
export function requestLog(onFinished: (request: FinishedRequest) => void): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now()
    const asked = req.headers['x-request-id']
    const requestId = typeof asked === 'string' && SAFE_ID.test(asked) ? asked : randomUUID()
    res.setHeader('x-request-id', requestId)
    res.on('close', () => {
      onFinished({
        requestId,
        method: req.method,
        route: routeOf(req),
        status: res.statusCode,
        seconds: (performance.now() - startedAt) / 1000,
      })
    })
    next()
  }
}

function routeOf({ route }: Readonly<{ route?: unknown }>): string {
  if (typeof route !== 'object' || route === null || !('path' in route)) return 'none'
  return typeof route.path === 'string' ? route.path : 'none'
}
