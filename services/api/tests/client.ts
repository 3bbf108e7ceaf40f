import assert from 'node:assert/strict'

type Headers_ = Readonly<Record<string, string>>

export type Answer = Readonly<{ status: number; headers: Headers; body: Record<string, unknown> }>

/** A caller of the API, with a token or without. */
export function clientOf(url: string, token?: string) {
  const call = async (method: string, path: string, body?: unknown, headers: Headers_ = {}): Promise<Answer> => {
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const answer: Record<string, unknown> = text === '' ? {} : JSON.parse(text)
    const isProblem = response.headers.get('content-type')?.includes('problem+json') === true
    return {
      status: response.status,
      headers: response.headers,
      body: isProblem ? withoutId(answer, response) : answer,
    }
  }
  return {
    token,
    get: (path: string, headers?: Headers_) => call('GET', path, undefined, headers),
    post: (path: string, body?: unknown, headers?: Headers_) => call('POST', path, body, headers),
    patch: (path: string, body?: unknown) => call('PATCH', path, body),
    call,
  }
}

/** Two refusals of the same are the same but for this, so it is judged here and left out. */
function withoutId({ requestId, ...body }: Record<string, unknown>, { headers }: Response): Record<string, unknown> {
  assert.equal(requestId, headers.get('request-id'))
  return body
}

/** The fields that an answer finds fault with, in order. */
export function faultyFields({ body }: Answer): string[] {
  const errors: unknown = body['errors']
  if (!Array.isArray(errors)) return []
  return errors.map((error: unknown) => String(Object(error).field)).sort()
}
