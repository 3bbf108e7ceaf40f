import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/** Keeps foreign web pages away: a name that was rebound to this address carries its own Host header. */
export function createLocalOnly(allowedHosts: readonly string[]) {
  const allowed = new Set(
    [...LOOPBACK, ...allowedHosts].map((host) => urlOf(isIPv6(host) ? `[${host}]` : host)?.hostname),
  )
  return { hasLocalName, isLocal }

  function hasLocalName(req: IncomingMessage): boolean {
    const host = urlOf(req.headers.host ?? '')
    return host !== null && allowed.has(host.hostname)
  }

  /** Also keeps away what was posted from elsewhere, which carries its own Origin. */
  function isLocal(req: IncomingMessage): boolean {
    const { origin } = req.headers
    return (
      hasLocalName(req) && (origin === undefined || URL.parse(origin)?.host === urlOf(req.headers.host ?? '')?.host)
    )
  }
}

function urlOf(host: string): URL | null {
  return URL.parse(`http://${host}`)
}
