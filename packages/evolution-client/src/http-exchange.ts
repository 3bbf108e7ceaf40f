import { Axios, type AxiosResponse } from 'axios'
import type { FailureCode } from './failure-codes.ts'
import { bodyWithFile, type FileField } from './file-body.ts'
import { type AnswerBody, createUndiciTransport, type PoolState, TransportError } from './undici-adapter.ts'

export type HttpRequest = Readonly<{
  method: 'get' | 'post' | 'delete'
  /** Path and query, every part encoded already. */
  path: string
  apiKey: string
  body?: object | undefined
  /** Goes into the body, as its last field. */
  file?: FileField | undefined
  /** For the whole exchange, from the dispatch. */
  timeoutMs: number
  /** Asked right before the first byte is written; false: the request never leaves. */
  mayStart?: (() => boolean) | undefined
}>

export type HttpAnswer = Readonly<{ status: number; retryAfter?: string | undefined } & AnswerBody>

export type HttpResult =
  | Readonly<{ kind: 'answered'; answer: HttpAnswer }>
  | Readonly<{ kind: 'unanswered'; code: FailureCode }>

export type HttpExchange = Readonly<{
  /** Never throws. */
  exchange(request: HttpRequest): Promise<HttpResult>
  connections(): PoolState
  close(): Promise<void>
  abandon(): Promise<void>
}>

/** One Evolution server over axios. A path in `baseUrl` is kept, a query is not. */
export function createHttpExchange(o: {
  baseUrl: string
  connections: number
  maxResponseBytes: number
}): HttpExchange {
  const { origin, pathname } = new URL(o.baseUrl)
  const prefix = pathname.replace(/\/+$/, '')
  const transport = createUndiciTransport({ origin, ...o })
  // No defaults of axios: no transforms, no proxy of the environment; the transport follows no redirect, and every status
  // is an answer. Each setting would also be copied and checked for each request.
  const axios = new Axios({})
  return {
    async exchange(request) {
      try {
        const { headers, data } = contentOf(request)
        const response: AxiosResponse<AnswerBody> = await axios.request({
          adapter: transport.adapter({ headers, mayStart: request.mayStart }),
          method: request.method,
          url: prefix + request.path,
          timeout: request.timeoutMs,
          ...(data !== undefined && { data }),
        })
        const retryAfter: unknown = response.headers['retry-after']
        const known = typeof retryAfter === 'string' ? { retryAfter } : {}
        return { kind: 'answered', answer: { status: response.status, ...response.data, ...known } }
      } catch (error) {
        return { kind: 'unanswered', code: error instanceof TransportError ? error.code : 'client-fault' }
      }
    },
    connections: transport.connections,
    close: () => transport.close(),
    abandon: () => transport.abandon(),
  }
}

function contentOf({ apiKey, body, file }: HttpRequest): Readonly<{ headers: readonly string[]; data?: unknown }> {
  const headers = ['apikey', apiKey.replace(LINE_BREAKS, ''), 'content-type', 'application/json']
  if (body === undefined) return { headers }
  if (file === undefined) return { headers, data: JSON.stringify(body) }
  const { length, pieces } = bodyWithFile(body, file)
  return { headers: [...headers, 'content-length', String(length)], data: pieces }
}

/** A key that was read from a file may end in one, and no header may hold it. */
const LINE_BREAKS = /[\r\n]/g
