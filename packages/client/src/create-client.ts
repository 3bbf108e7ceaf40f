import createFetchClient, { type Client as FetchClient } from 'openapi-fetch'
import type { paths } from './api.generated.ts'

export type ClientOptions = Readonly<{
  /** Where the API is, such as `http://127.0.0.1:8000`. */
  baseUrl: string
  /** How calls are made; left out: by the `fetch` of the platform. */
  fetch?: (request: Request) => Promise<Response>
}> &
  Credential

/** At most one of both; with none only what is open to anybody can be called. */
type Credential = Readonly<
  | {
      /** An access token, or what gives the one for the next call: see `renewing`. */
      token?: string | (() => string | Promise<string>)
      apiKey?: never
    }
  | { apiKey: string; token?: never }
>

/** `GET`, `POST`, `PUT`, `PATCH` and `DELETE`, each with the path of a route, as the document writes it. */
export type Client = FetchClient<paths>

/**
 * Calls the API. A call answers `{ data, response }`, or `{ error, response }` with the problem and its `code`; it throws
 * when there was no answer. It has no time limit: give it a `signal`.
 */
export function createClient({ baseUrl, fetch, token, apiKey }: ClientOptions): Client {
  const client = createFetchClient<paths>({ baseUrl, bodySerializer: written, ...(fetch && { fetch }) })
  const credential = apiKey ?? token
  if (credential === undefined) return client
  const current = typeof credential === 'string' ? () => credential : credential
  client.use({
    onRequest: async ({ request }) => {
      request.headers.set('authorization', `Bearer ${await current()}`)
    },
  })
  return client
}

/** Text goes as it is, files as a form, and everything else as JSON. */
function written(body: unknown): string | FormData {
  if (typeof body === 'string' || body instanceof FormData) return body
  const fields: [string, unknown][] = typeof body === 'object' && body !== null ? Object.entries(body) : []
  const files = fields.flatMap(([name, value]): [string, Blob][] => (value instanceof Blob ? [[name, value]] : []))
  if (files.length === 0) return JSON.stringify(body)
  const form = new FormData()
  for (const [name, file] of files) form.set(name, file)
  return form
}
