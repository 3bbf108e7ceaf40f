import { Readable } from 'node:stream'
import { type AxiosAdapter, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { type Dispatcher, errors, Pool } from 'undici'
import type { FailureCode } from './failure-codes.ts'
import { isRecord } from './json.ts'

/** What an answer's `data` holds. `isCut`: it went on beyond what is read. */
export type AnswerBody = Readonly<{ text: string; isCut: boolean }>

/** No whole answer came. The message carries no header, key or address. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly code: FailureCode

  constructor(code: FailureCode, cause?: unknown) {
    super(code, { cause })
    this.code = code
  }
}

/** Connections. `busy`: of the open ones, those in use; `waiting`: requests that have none yet. */
export type PoolState = Readonly<{ open: number; busy: number; waiting: number }>

export const NO_CONNECTIONS: PoolState = { open: 0, busy: 0, waiting: 0 }

export type UndiciTransport = Readonly<{
  adapter(request: RequestParts): AxiosAdapter
  connections(): PoolState
  close(): Promise<void>
  abandon(): Promise<void>
}>

type RequestParts = Readonly<{
  /** Names and values in turn. Not by way of the axios configuration: its handling of headers costs as much as the write. */
  headers: readonly string[]
  /** Asked on a live connection, right before the request is written; false: it never leaves. */
  mayStart?: (() => boolean) | undefined
}>

/**
 * An axios adapter on one pool of keep-alive connections. Reads `method`, `url` (a path), `data` (a string, or pieces
 * of one in turn) and `timeout` (ms for the whole exchange) of the axios configuration.
 */
export function createUndiciTransport(o: {
  origin: string
  connections: number
  maxResponseBytes: number
}): UndiciTransport {
  const pool = new Pool(o.origin, {
    connections: o.connections,
    pipelining: 1,
    connect: { timeout: 2_000 },
    // Evolution closes an idle socket after 5 s; a request that meets the close looks as if it had been sent.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 4_000,
    keepAliveTimeoutThreshold: 1_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    adapter: (request) => (config) =>
      new Promise((resolve, reject) => {
        const exchange = new Exchange({ config, bytesMax: o.maxResponseBytes, ...request }, resolve, reject)
        pool.dispatch(exchange.request(), exchange)
      }),
    connections: () => {
      const { connected: open, running: busy, pending: waiting } = pool.stats
      return { open, busy, waiting }
    },
    close: () => pool.close(),
    abandon: () => pool.destroy(),
  }
}

type ExchangeParts = RequestParts &
  Readonly<{
    config: InternalAxiosRequestConfig
    bytesMax: number
  }>

class Exchange implements Dispatcher.DispatchHandler {
  readonly #config: InternalAxiosRequestConfig
  readonly #headers: readonly string[]
  readonly #bytesMax: number
  readonly #mayStart: (() => boolean) | undefined
  readonly #resolve: (response: AxiosResponse<AnswerBody>) => void
  readonly #reject: (error: TransportError) => void
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #isSettled = false
  #bytes = 0
  #status = 0
  #retryAfter: string | undefined

  constructor(
    { config, headers, bytesMax, mayStart }: ExchangeParts,
    resolve: (response: AxiosResponse<AnswerBody>) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#config = config
    this.#headers = headers
    this.#bytesMax = bytesMax
    this.#mayStart = mayStart
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => this.#timeOut(), config.timeout ?? 0)
  }

  request(): Dispatcher.DispatchOptions {
    const { method = 'get', url = '/' } = this.#config
    const data: unknown = this.#config.data
    const body = typeof data === 'string' ? data : isInPieces(data) ? Readable.from(data, { objectMode: false }) : null
    return { method: method.toUpperCase(), path: url, headers: [...this.#headers], body }
  }

  /** undici calls this on a live connection, just before it writes: until then the request has provably not left. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (!this.#isSettled && this.#mayStart?.() === false) this.#fail(new TransportError('started-too-late'))
    if (this.#isSettled) controller.abort(new TransportError('never-started'))
    else this.#controller = controller
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    this.#status = status
    const retryAfter = headers['retry-after']
    this.#retryAfter = typeof retryAfter === 'string' ? retryAfter : undefined
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = this.#bytesMax - this.#bytes
    this.#bytes += chunk.length
    this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    if (chunk.length <= room) return
    this.#answer(true)
    controller.abort(new TransportError('answer-too-long'))
  }

  onResponseEnd(): void {
    this.#answer(false)
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(new TransportError(this.#controller ? codeAfterStart(error) : codeBeforeStart(error), error))
  }

  #timeOut(): void {
    const error = new TransportError(this.#controller ? 'timeout' : 'never-started')
    this.#fail(error)
    this.#controller?.abort(error)
  }

  #answer(isCut: boolean): void {
    if (this.#isSettled) return
    this.#settle()
    const [first] = this.#chunks
    const bytes = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    const headers = new AxiosHeaders()
    if (this.#retryAfter !== undefined) headers.set('retry-after', this.#retryAfter)
    const data = { text: bytes.toString('utf8'), isCut }
    this.#resolve({ data, status: this.#status, statusText: '', headers, config: this.#config })
  }

  #fail(error: TransportError): void {
    if (this.#isSettled) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#isSettled = true
    clearTimeout(this.#timer)
  }
}

function isInPieces(data: unknown): data is AsyncIterable<string> {
  return typeof data === 'object' && data !== null && Symbol.asyncIterator in data
}

function codeBeforeStart(error: unknown): FailureCode {
  return BEFORE_START.get(errorCodeOf(error)) ?? 'connect-failed'
}

const BEFORE_START: ReadonlyMap<string, FailureCode> = new Map([
  ['ECONNREFUSED', 'connection-refused'],
  ['ENOTFOUND', 'server-not-found'],
  ['EAI_AGAIN', 'server-not-found'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout'],
  ['ETIMEDOUT', 'connect-timeout'],
  ['UND_ERR_INVALID_ARG', 'request-unusable'],
  ['UND_ERR_CLOSED', 'client-closed'],
  ['UND_ERR_DESTROYED', 'client-closed'],
])

/** A reset of a reused connection counts as written too: only the server knows how much it read. */
function codeAfterStart(error: unknown): FailureCode {
  if (error instanceof TransportError) return error.code
  return error instanceof errors.HTTPParserError ? 'answer-broken' : 'connection-lost'
}

function errorCodeOf(error: unknown): string {
  return isRecord(error) && typeof error['code'] === 'string' ? error['code'] : ''
}
