import type { RequestHandler } from 'express'

const EXPOSED =
  'Location, Retry-After, RateLimit, RateLimit-Policy, Request-Id, X-Request-Id, Idempotent-Replayed, Preference-Applied'
const ALLOWED =
  'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, Request-Id, Traceparent, X-Request-Id'

/** Lets pages of the listed origins call the API with a bearer token. Never credentials: there are no cookies. */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins)
  return (req, res, next) => {
    const { origin } = req.headers
    res.vary('Origin')
    if (origin === undefined || !allowed.has(origin)) return next()
    res.setHeader('Access-Control-Allow-Origin', origin)
    res.setHeader('Access-Control-Expose-Headers', EXPOSED)
    if (req.method !== 'OPTIONS' || req.headers['access-control-request-method'] === undefined) return next()
    res.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE')
    res.setHeader('Access-Control-Allow-Headers', ALLOWED)
    res.setHeader('Access-Control-Max-Age', '600')
    res.status(204).end()
  }
}
