import assert from 'node:assert/strict'
import { type DescribedOperation, escaped, readDocument } from './document-schemas.ts'

export type Call = Readonly<{
  /** Who calls; undefined: nobody who could prove it. */
  token?: string | undefined
  /** Values of path parameters, where the example's will not do. */
  path?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  /** What only the server knows, such as a token, put into the example. */
  withBody?: Readonly<Record<string, unknown>>
  /** In place of the examples. */
  body?: unknown
}>

export type DocumentedCalls = Awaited<ReturnType<typeof createDocumentedCalls>>

/** What is done to the examples before they are sent, and who hears the answers. */
export type CallHooks = Readonly<{
  /** Of the body of a request, as the document has it or as the caller gave it. */
  alterBody?(body: unknown): unknown
  /** Of each text in the path and in the query. */
  alterText?(text: string): string
  headersOf?(operation: DescribedOperation): Readonly<Record<string, string>>
  onAnswer?(content: unknown): void
}>

/** Calls operations with the examples of the OpenAPI document and judges each answer by that document. */
export async function createDocumentedCalls(url: string, hooks: CallHooks = {}) {
  const { alterBody = (body) => body, alterText = (text) => text } = hooks
  const { operations, responseOf, faultOf } = await readDocument()
  const called = new Set<string>()

  function operationOf(id: string): DescribedOperation {
    const operation = operations.find(({ operationId }) => operationId === id)
    assert.ok(operation, `the document has no ${id}`)
    return operation
  }

  async function request(operation: DescribedOperation, call: Call, body: unknown) {
    const leaving = new AbortController()
    const response = await fetch(`${url}${pathOf(operation, call.path, alterText)}`, {
      method: operation.method.toUpperCase(),
      headers: {
        ...(call.token !== undefined && { authorization: `Bearer ${call.token}` }),
        ...typeOf(operation, body),
        ...hooks.headersOf?.(operation),
        ...call.headers,
      },
      ...(body !== undefined && { body: written(alterBody(body)) }),
      signal: leaving.signal,
    })
    const content = await contentOf(response)
    leaving.abort()
    hooks.onAnswer?.(content)
    judge(operation, response, content)
    return { status: response.status, body: content }
  }

  function judge(operation: DescribedOperation, { status, headers }: Response, content: unknown): void {
    const what = `${operation.operationId} ${status}`
    const described = responseOf(operation, status)
    assert.ok(described, `${what} is not in the document: ${JSON.stringify(content)}`)
    for (const name of TOLD) {
      assert.ok(!headers.has(name) || described.headers?.[name], `${what}: ${name} is not in the document`)
    }
    const type = headers.get('content-type')?.split(';')[0]
    if (type === undefined) {
      assert.equal(described.content, undefined, `${what} has no content`)
      return
    }
    const told = described.content?.[type] === undefined ? '*/*' : type
    assert.ok(described.content?.[told], `${what}: ${type} is not in the document`)
    const fault = faultOf(`${described.pointer}/content/${escaped(told)}/schema`, content)
    assert.equal(fault, undefined, `${what}: ${JSON.stringify(content)}`)
  }

  return {
    operations,
    called: () => [...called],
    /** With each of its examples, all of which have to succeed. What the last was answered. */
    call: async (id: string, call: Call = {}): Promise<Record<string, unknown>> => {
      const operation = operationOf(id)
      called.add(id)
      let last: Record<string, unknown> = {}
      for (const body of bodiesOf(operation, call)) {
        const answer = await request(operation, call, body)
        const why = `${id} ${JSON.stringify(body)}: ${answer.status} ${JSON.stringify(answer.body)}`
        assert.ok(answer.status < 300, why)
        last = Object(answer.body)
      }
      return last
    },
    /** With its first example, whatever is answered. The status. */
    attempt: async (operation: DescribedOperation, call: Call = {}): Promise<number> => {
      const [body] = bodiesOf(operation, call)
      return (await request(operation, call, body)).status
    },
  }
}

/** The boundary of a form is known to whoever writes it. */
function typeOf({ requestBody }: DescribedOperation, body: unknown): Record<string, string> {
  const [type = 'application/json'] = Object.keys(requestBody?.content ?? {})
  return body === undefined || body instanceof FormData ? {} : { 'content-type': type }
}

function written(body: unknown): string | FormData {
  if (body instanceof FormData || typeof body === 'string') return body
  return withoutNames(JSON.stringify(body))
}

/** Headers that a client acts on. */
const TOLD = ['Location', 'Retry-After', 'Idempotent-Replayed', 'Preference-Applied', 'RateLimit', 'WWW-Authenticate']

function bodiesOf({ requestBody }: DescribedOperation, { body, withBody }: Call): unknown[] {
  if (body !== undefined) return [body]
  const [media] = Object.values(requestBody?.content ?? {})
  const { examples } = media ?? {}
  if (examples === undefined) return [undefined]
  return Object.values(examples).map(({ value }) => (withBody ? { ...Object(value), ...withBody } : value))
}

function pathOf(
  { path, takes }: DescribedOperation,
  given: Readonly<Record<string, string>> = {},
  alterText: (text: string) => string,
): string {
  const exampleFor = (name: string) =>
    alterText(given[name] ?? String(takes.find((parameter) => parameter.name === name)?.example))
  const query = takes.flatMap((parameter): [string, string][] =>
    parameter.in === 'query' && typeof parameter.example === 'string'
      ? [[parameter.name, alterText(parameter.example)]]
      : [],
  )
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(exampleFor(name)))
  return query.length > 0 ? `${filled}?${new URLSearchParams(query).toString()}` : filled
}

/** So that no name server has to be asked for the hosts of the examples. */
function withoutNames(text: string): string {
  return text.replaceAll(/https:\/\/(www\.gstatic\.com|example\.com)/g, 'https://93.184.216.34')
}

/** Of a stream, what comes first. */
async function contentOf(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) {
    const { value } = (await response.body?.getReader().read()) ?? {}
    return new TextDecoder().decode(value)
  }
  const text = await response.text()
  return /^application\/(problem\+)?json/.test(type) ? JSON.parse(text) : text
}
