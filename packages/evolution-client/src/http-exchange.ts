import { Axios, type AxiosRequestConfig, type AxiosResponse } from 'axios'
import type { FailureCode } from './failure-codes.ts'
import { bodyWithFile, type FileField } from './file-body.ts'
import { type AnswerBody, createUndiciTransport, TransportError } from './undici-adapter.ts'

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
  const axios = new Axios(AXIOS)
  return {
    async exchange(request) {
      try {
        const { headers, data } = contentOf(request)
        const response: AxiosResponse<AnswerBody> = await axios.request({
          adapter: transport.adapter(request.mayStart),
          method: request.method,
          url: prefix + request.path,
          timeout: request.timeoutMs,
          headers: { apikey: request.apiKey, 'content-type': 'application/json', ...headers },
          ...(data !== undefined && { data }),
        })
        const retryAfter: unknown = response.headers['retry-after']
        const known = typeof retryAfter === 'string' ? { retryAfter } : {}
        return { kind: 'answered', answer: { status: response.status, ...response.data, ...known } }
      } catch (error) {
        return { kind: 'unanswered', code: error instanceof TransportError ? error.code : 'client-fault' }
      }
    },
    close: () => transport.close(),
    abandon: () => transport.abandon(),
  }
}

function contentOf({ body, file }: HttpRequest): Readonly<{ headers?: Record<string, string>; data?: unknown }> {
  if (body === undefined) return {}
  if (file === undefined) return { data: JSON.stringify(body) }
  const { length, pieces } = bodyWithFile(body, file)
  return { headers: { 'content-length': String(length) }, data: pieces }
}

/** No defaults of axios: no transforms, no proxy of the environment, no redirects, every status is an answer. */
const AXIOS: AxiosRequestConfig = {
  validateStatus: () => true,
  decompress: false,
  maxRedirects: 0,
  proxy: false,
  transformRequest: [],
  transformResponse: [],
}
