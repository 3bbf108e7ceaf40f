import type { IncomingMessage } from 'node:http'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Keeps foreign web pages away from the journals and the phone: a name that was rebound to this address carries its
 * own Host header, and a form posted from elsewhere its own Origin.
 */
export function createLocalOnly(allowedHosts: readonly string[]): (req: IncomingMessage) => boolean {
  const allowed = new Set([...LOOPBACK, ...allowedHosts.map((host) => host.toLowerCase())])
  return (req) => {
    const host = URL.parse(`http://${req.headers.host ?? ''}`)
    if (host === null || !allowed.has(host.hostname)) return false
    const { origin } = req.headers
    return origin === undefined || URL.parse(origin)?.host === host.host
  }
}
