import { isIP } from 'node:net'
import { judgeIp } from './judge-ip.ts'
import type { Resolve } from './resolve.ts'

export type AddressSettings = Readonly<{
  /**
   * For development only. Networks as `10.0.0.0/8` whose addresses may be called though they are private, there also by
   * plain http and on any port. Everything else stays as strict as without.
   */
  privateNetworks: readonly string[]
  resolve: Resolve
}>

/**
 * `address-unresolved` may pass by itself, the others mean that the address must change. `detail` is for whoever gave the
 * address; it begins in small letters, to stand after the field's name, and tells nothing of what a name resolves to.
 */
export type AddressFault = Readonly<{
  ok: false
  code: 'address-invalid' | 'address-insecure' | 'address-refused' | 'address-unresolved'
  detail: string
}>

export type CheckedAddress = Readonly<{
  ok: true
  url: URL
  /** What the host resolves to, each judged; at least one. */
  ips: readonly string[]
}>

const LENGTH_MAX = 2048

/**
 * Judges an address that a user gave. Asks the name servers, so the answer holds for the moment: whoever calls the address
 * later judges it again, and connects to `ips` only.
 */
export async function checkAddress(text: string, settings: AddressSettings): Promise<CheckedAddress | AddressFault> {
  const url = text.length <= LENGTH_MAX ? URL.parse(text) : null
  if (url === null) return INVALID
  return faultOfForm(text, url) ?? (await judgeHost(url, settings))
}

async function judgeHost(url: URL, settings: AddressSettings): Promise<CheckedAddress | AddressFault> {
  const isSecure = url.protocol === 'https:' && url.port === ''
  // Nobody resolves a name for a call that could not be made whatever it is.
  if (!isSecure && settings.privateNetworks.length === 0) return INSECURE
  const ips = await ipsOf(url, settings.resolve)
  if (ips.length === 0) return UNRESOLVED
  const verdicts = ips.map((ip) => judgeIp(ip, settings.privateNetworks))
  if (verdicts.includes('refused')) return REFUSED
  return isSecure || verdicts.every((verdict) => verdict === 'listed') ? { ok: true, url, ips } : INSECURE
}

function fault(code: AddressFault['code'], detail: string): AddressFault {
  return { ok: false, code, detail }
}

const PUBLIC_HOST = 'its host must be found in the public internet'
const INVALID = fault('address-invalid', 'must be an https address of at most 2048 characters')
const CREDENTIALS = fault('address-invalid', 'must not carry a user name or password')
const HOST_FORM = fault('address-invalid', 'its host must be a name, or an IP address in its usual form')
const INSECURE = fault('address-insecure', 'must begin with https:// and use port 443')
const REFUSED = fault('address-refused', PUBLIC_HOST)
const UNRESOLVED = fault('address-unresolved', PUBLIC_HOST)

/** `URL` is lenient: it takes spaces away, turns backslashes, and reads `0x7f.1` as an address. */
function faultOfForm(text: string, url: URL): AddressFault | undefined {
  const host = /^https?:\/\/([^/?#\\\s]+)/i.exec(text)?.[1]
  if (host === undefined || /[\s\\]/.test(text)) return INVALID
  if (url.username !== '' || url.password !== '' || host.includes('@')) return CREDENTIALS
  const isAddress = isIP(hostOf(url)) !== 0
  return isAddress && host !== url.host && host !== `${url.hostname}:443` ? HOST_FORM : undefined
}

async function ipsOf(url: URL, resolve: Resolve): Promise<readonly string[]> {
  const host = hostOf(url)
  if (isIP(host) !== 0) return [host]
  try {
    return await resolve(host)
  } catch {
    return []
  }
}

/** Without the brackets of IPv6. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}
