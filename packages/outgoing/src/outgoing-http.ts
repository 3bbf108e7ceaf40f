import type { LookupFunction } from 'node:net'
import { isIPv6 } from 'node:net'
import { errors, Pool } from 'undici'
import { type AddressFault, type AddressSettings, type CheckedAddress, checkAddress } from './check-address.ts'
import { readCapped } from './read-capped.ts'

export type OutgoingAnswer =
  | Readonly<{
      kind: 'answered'
      status: number
      /** At most 64 KiB of it, as UTF-8. `isCut`: it went on. */
      text: string
      isCut: boolean
      /** As it came. */
      retryAfter?: string
    }>
  /** Nothing was sent. */
  | Readonly<{ kind: 'refused'; fault: AddressFault }>
  /** No whole answer came. */
  | Readonly<{ kind: 'unanswered'; code: 'timeout' | 'unreachable' | 'tls' | 'cut' | 'too-many-calls' }>

export type OutgoingRequest = Readonly<{
  url: string
  headers: Readonly<Record<string, string>>
  body: string
}>

export type OutgoingSettings = AddressSettings &
  Readonly<{
    /** Calls at a time; beyond, a call is answered `too-many-calls`. */
    callsMax: number
    /** From the call to the whole answer, name servers included. Default 20 s. */
    timeoutMs?: number
    /** Default 5 s. */
    connectTimeoutMs?: number
  }>

export type OutgoingHttp = Readonly<{
  /** Never throws. A redirect is an answer like any other and is not followed. */
  post(request: OutgoingRequest): Promise<OutgoingAnswer>
  close(): Promise<void>
}>

const ANSWER_BYTES_MAX = 65_536
/** Origins whose connections are kept for the next call, besides those being called. */
const IDLE_ORIGINS_MAX = 64
const CONNECTIONS_PER_ORIGIN_MAX = 16

/**
 * Calls addresses that users gave: judges each at each call, and connects to what was judged, so that no second answer of
 * a name server counts. The name stays what TLS asks the server to prove.
 */
export function createOutgoingHttp(settings: OutgoingSettings): OutgoingHttp {
  const { callsMax, timeoutMs = 20_000, connectTimeoutMs = 5000 } = settings
  const origins = createOrigins(connectTimeoutMs)
  let calls = 0

  const call = async ({ url, headers, body }: OutgoingRequest, signal: AbortSignal): Promise<OutgoingAnswer> => {
    const checked = await checkAddress(url, settings)
    if (!checked.ok) return { kind: 'refused', fault: checked }
    signal.throwIfAborted()
    const origin = origins.take(checked)
    try {
      const { pathname, search } = checked.url
      const path = pathname + search
      const answer = await origin.pool.request({ method: 'POST', path, headers: { ...headers }, body, signal })
      const retryAfter = answer.headers['retry-after']
      const read = await readCapped(answer.body, ANSWER_BYTES_MAX)
      return {
        kind: 'answered',
        status: answer.statusCode,
        ...read,
        ...(typeof retryAfter === 'string' && { retryAfter }),
      }
    } finally {
      origins.giveBack(origin)
    }
  }

  return {
    post: async (request) => {
      if (calls >= callsMax) return { kind: 'unanswered', code: 'too-many-calls' }
      calls += 1
      const ended = new AbortController()
      const late = Promise.withResolvers<OutgoingAnswer>()
      const timer = setTimeout(() => {
        late.resolve({ kind: 'unanswered', code: 'timeout' })
        ended.abort()
      }, timeoutMs)
      try {
        return await Promise.race([call(request, ended.signal), late.promise])
      } catch (error) {
        return { kind: 'unanswered', code: codeOf(error) }
      } finally {
        clearTimeout(timer)
        calls -= 1
      }
    },
    close: () => origins.close(),
  }
}

type Origin = { name: string; pool: Pool; ips: readonly string[]; users: number }

/** Connections by origin; those that nobody uses are bounded in number, the longest unused go first. */
function createOrigins(connectTimeoutMs: number) {
  const kept = new Map<string, Origin>()

  const create = (name: string): Origin => {
    const origin: Origin = {
      name,
      pool: new Pool(
        name,
        poolOptions(connectTimeoutMs, () => origin.ips),
      ),
      ips: [],
      users: 0,
    }
    return origin
  }
  const dropIdle = (): void => {
    const idle = [...kept.values()].filter(({ users }) => users === 0)
    for (const { name, pool } of idle.slice(0, Math.max(0, idle.length - IDLE_ORIGINS_MAX))) {
      kept.delete(name)
      void pool.close()
    }
  }
  return {
    take: ({ url, ips }: CheckedAddress): Origin => {
      const origin = kept.get(url.origin) ?? create(url.origin)
      // Again at the end: the order is that of use.
      kept.delete(url.origin)
      kept.set(url.origin, origin)
      origin.ips = ips
      origin.users += 1
      return origin
    },
    giveBack: (origin: Origin): void => {
      origin.users -= 1
      if (kept.size > IDLE_ORIGINS_MAX) dropIdle()
    },
    close: async (): Promise<void> => {
      const all = [...kept.values()]
      kept.clear()
      await Promise.all(all.map(({ pool }) => pool.destroy()))
    },
  }
}

function poolOptions(connectTimeoutMs: number, ips: () => readonly string[]): Pool.Options {
  const lookup: LookupFunction = (_host, { all }, callback) => {
    const addresses = ips().map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
    const [first] = addresses
    if (all === true || first === undefined) return callback(null, addresses)
    callback(null, first.address, first.family)
  }
  return {
    connections: CONNECTIONS_PER_ORIGIN_MAX,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: connectTimeoutMs, lookup, autoSelectFamily: true },
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 30_000,
    // The call has one time limit for all of it.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
}

function codeOf(error: unknown): 'timeout' | 'unreachable' | 'tls' | 'cut' {
  if (error instanceof errors.ConnectTimeoutError) return 'timeout'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) return 'tls'
  return /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT|ENOTFOUND/.test(code) ? 'unreachable' : 'cut'
}
