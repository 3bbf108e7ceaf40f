import { Agent, type Dispatcher, request as send } from 'undici'
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
  let known: { credentials: Credentials; readAt: number; agent: Agent } | undefined
  let reading: Promise<{ credentials: Credentials; agent: Agent }> | undefined

  async function current(): Promise<{ credentials: Credentials; agent: Agent }> {
    if (known !== undefined && now() - known.readAt < CREDENTIALS_AGE_MAX_MS) return known
    reading ??= renew().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function renew(): Promise<{ credentials: Credentials; agent: Agent }> {
    const credentials = await readCredentials()
    const old = known
    const isSame = old !== undefined && isSameTls(old.credentials, credentials)
    known = { credentials, readAt: now(), agent: isSame ? old.agent : agentFor(credentials, requestTimeoutMs) }
    if (old !== undefined && !isSame) void old.agent.close()
    return known
  }

  async function exchange(request: KubernetesRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { credentials, agent } = await current()
    const { method, path, query = {}, body, contentType = 'application/json' } = request
    const { accept = 'application/json' } = request
    const url = new URL(`${credentials.server}${path}`)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    return send(url, {
      method,
      dispatcher: agent,
      headers: {
        ...credentials.headers,
        accept,
        'user-agent': 'whatsapp-operator',
        ...(body !== undefined && { 'content-type': contentType }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    })
  }

  /** The answer to a request that succeeded; what is open of it is under `signal`. */
  async function succeed(request: KubernetesRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const what = `${request.method} ${request.path}`
    try {
      let answer = await exchange(request, signal)
      if (answer.statusCode === 401 && known !== undefined) {
        await answer.body.dump()
        known.readAt = Number.NEGATIVE_INFINITY
        answer = await exchange(request, signal)
      }
      if (answer.statusCode < 300) return answer
      throw errorOfAnswer(answer.statusCode, await answer.body.text(), what)
    } catch (error) {
      throw asKubernetesError(error, what)
    }
  }

  return {
    call: async (request) => {
      const signal = AbortSignal.timeout(requestTimeoutMs)
      const { body } = await succeed(request, signal)
      try {
        return await body.json()
      } catch (error) {
        throw errorOfNoAnswer(error, `${request.method} ${request.path}`)
      }
    },
    open: async (request, signal) => (await succeed(request, signal)).body,
    close: async () => {
      await known?.agent.destroy()
    },
  }
}

function agentFor({ tls }: Credentials, headersTimeoutMs: number): Agent {
  return new Agent({
    connect: { ...tls, timeout: headersTimeoutMs, keepAlive: true, keepAliveInitialDelay: 30_000 },
    // Each watch keeps a connection of its own: one that stalls holds nothing else up.
    allowH2: false,
    headersTimeout: headersTimeoutMs,
    // A watch may be silent for long; other answers have the time limit of their request.
    bodyTimeout: 0,
  })
}

function isSameTls(a: Credentials, b: Credentials): boolean {
  return a.server === b.server && JSON.stringify(a.tls) === JSON.stringify(b.tls)
}

function asKubernetesError(error: unknown, what: string): Error {
  if (error instanceof Error && error.name === 'KubernetesError') return error
  return errorOfNoAnswer(error, what)
}
