import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { sendRequest } from '../send-request.ts'
import type { Credentials, ReadCredentials } from './credentials.ts'
import { errorOfAnswer, errorOfNoAnswer } from './kubernetes-error.ts'

export type KubernetesRequest = Readonly<{
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with a slash; its parts are encoded. */
  path: string
  query?: Readonly<Record<string, string | undefined>>
  body?: unknown
  contentType?: string
  /** In what form the answer is wanted; JSON if left out. */
  accept?: string | undefined
}>

export type Transport = Readonly<{
  /** The JSON of the answer. @throws {KubernetesError} */
  call(request: KubernetesRequest): Promise<unknown>
  /** The bytes of an answer that goes on until `signal` ends it. @throws {KubernetesError} before the first byte */
  open(request: KubernetesRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /** Ends what is under way. */
  close(): Promise<void>
}>

/** Tokens and certificates are written anew long before the old ones end. */
const CREDENTIALS_AGE_MAX_MS = 30_000
/** A connection that nobody has used for so long may be one that the other side is closing. */
const IDLE_MS = 4000
const KEEP_ALIVE_MS = 30_000

/**
 * One pool of connections for all requests. Credentials are read again when they are old and when the server does not
 * know us; where certificates have changed, later requests take new connections and those under way end on the old ones.
 */
export function createTransport({
  readCredentials,
  requestTimeoutMs,
  now = () => performance.now(),
}: Readonly<{
  readCredentials: ReadCredentials
  /** Limit of one request from its first byte to the last of its answer; of a watch, until its headers. */
  requestTimeoutMs: number
  /** Monotonic, ms. */
  now?(): number
}>): Transport {
  let known: { credentials: Credentials; readAt: number; agent: http.Agent } | undefined
  let reading: Promise<{ credentials: Credentials; agent: http.Agent }> | undefined

  async function current(): Promise<{ credentials: Credentials; agent: http.Agent }> {
    if (known !== undefined && now() - known.readAt < CREDENTIALS_AGE_MAX_MS) return known
    reading ??= renew().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function renew(): Promise<{ credentials: Credentials; agent: http.Agent }> {
    const credentials = await readCredentials()
    const old = known
    const isSame = old !== undefined && isSameTls(old.credentials, credentials)
    known = { credentials, readAt: now(), agent: isSame ? old.agent : agentFor(credentials) }
    if (old !== undefined && !isSame) retire(old.agent)
    return known
  }

  async function exchange(request: KubernetesRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { credentials, agent } = await current()
    const { method, path, query = {}, contentType = 'application/json', accept = 'application/json' } = request
    const url = new URL(`${credentials.server}${path}`)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body))
    const headers = {
      ...credentials.headers,
      accept,
      'user-agent': 'whatsapp-operator',
      ...(body && { 'content-type': contentType, 'content-length': body.length }),
    }
    return sendRequest(url, { options: { method, agent, headers }, body, signal })
  }

  /** The answer to a request that succeeded; what is open of it is under `signal`. */
  async function succeed(request: KubernetesRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const what = `${request.method} ${request.path}`
    try {
      let answer = await exchange(request, signal)
      if (answer.statusCode === 401 && known !== undefined) {
        await text(answer)
        known.readAt = Number.NEGATIVE_INFINITY
        answer = await exchange(request, signal)
      }
      const { statusCode = 0 } = answer
      if (statusCode < 300) return answer
      throw errorOfAnswer(statusCode, await text(answer), what)
    } catch (error) {
      throw asKubernetesError(error, what)
    }
  }

  return {
    call: async (request) => {
      const signal = AbortSignal.timeout(requestTimeoutMs)
      const answer = await succeed(request, signal)
      try {
        const content: unknown = JSON.parse(await text(answer))
        return content
      } catch (error) {
        throw errorOfNoAnswer(error, `${request.method} ${request.path}`)
      }
    },
    open: async (request, signal) => {
      const untilHeaders = new AbortController()
      const late = new DOMException('no headers in time', 'TimeoutError')
      const timer = setTimeout(() => untilHeaders.abort(late), requestTimeoutMs)
      try {
        return await succeed(request, AbortSignal.any([signal, untilHeaders.signal]))
      } finally {
        clearTimeout(timer)
      }
    },
    close: async () => {
      known?.agent.destroy()
    },
  }
}

/** Each watch keeps a connection of its own: one that stalls holds nothing else up. */
function agentFor({ server, tls }: Credentials): http.Agent {
  const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, timeout: IDLE_MS }
  return server.startsWith('https:') ? new https.Agent({ ...options, ...tls }) : new http.Agent(options)
}

/** Its connections end as soon as nobody uses them. */
function retire(agent: http.Agent): void {
  agent.maxFreeSockets = 0
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}

function isSameTls(a: Credentials, b: Credentials): boolean {
  return a.server === b.server && JSON.stringify(a.tls) === JSON.stringify(b.tls)
}

function asKubernetesError(error: unknown, what: string): Error {
  if (error instanceof Error && error.name === 'KubernetesError') return error
  return errorOfNoAnswer(error, what)
}
