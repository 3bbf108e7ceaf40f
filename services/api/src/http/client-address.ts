import type { Request } from 'express'

/**
 * Who to count a request for. One IPv6 customer has a /64 at least, so the rest of the address is his to vary.
 * `X-Forwarded-For` counts only behind a proxy that the configuration trusts.
 */
export function clientAddressOf(req: Request): string {
  const address = req.ip ?? 'unknown'
  if (!address.includes(':')) return address
  if (address.startsWith('::ffff:')) return address.slice('::ffff:'.length)
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const zeros = tail === undefined ? [] : Array<string>(4).fill('0')
  return `${[...groups, ...zeros].slice(0, 4).join(':')}::/64`
}
