import { createClient, dataOf } from '@whatsapp-sender/client'
import { until } from '@whatsapp-sender/sandbox/process/until'

export type MessageView = Readonly<{
  id: string
  instance: string
  to: string
  text: string
  status: string
  waitingFor?: string
  attempts: readonly Readonly<{ number: number; outcome: string; error?: Readonly<{ code: string }> }>[]
  providerMessageId?: string
  sentAt?: string
  deliveredAt?: string
  readAt?: string
}>

/** Far above every bound the API promises: whoever waits for so long waits in vain. */
const ANSWER_TIMEOUT_MS = 60_000

export type Answer<T> = Readonly<{ status: number; headers: Headers; body: T }>

/** A REST client as a user of the product would write it. */
export type Client = ReturnType<typeof clientOf>

export function clientOf(api: string, token?: string) {
  const call = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    })
    // An answer without a body is `null`.
    const answer: T = JSON.parse((await response.text()) || 'null')
    return { status: response.status, headers: response.headers, body: answer } satisfies Answer<T>
  }
  const typed = createClient({
    baseUrl: api,
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }),
    ...(token !== undefined && { token }),
  })
  const getMessage = (id: string) => call<MessageView>('GET', `/v1/messages/${id}`)
  return {
    /** The client that the product offers. */
    api: typed,
    /** What is outside of its types: other paths, bodies and headers. */
    call,
    getMessage,
    login: async (email: string, password: string) => {
      const { access_token } = await dataOf(typed.POST('/user/login', { body: { email, password } }))
      return clientOf(api, access_token)
    },
    createInstance: async (name: string, pace?: Readonly<{ perMinute: number; burst: number }>) => {
      await dataOf(typed.POST('/v1/instances', { body: { name, ...(pace && { pace }) } }))
    },
    send: (instance: string, to: string, text: string, more: Readonly<{ key?: string; onAmbiguous?: string }> = {}) =>
      call<{ id: string; status: string; code?: string }>(
        'POST',
        '/v1/messages',
        { instance, to, text, ...(more.onAmbiguous && { onAmbiguous: more.onAmbiguous }) },
        more.key === undefined ? {} : { 'idempotency-key': more.key },
      ),
    /** Follows a message until it has one of these statuses. */
    follow: (id: string, statuses: readonly string[], timeoutMs?: number) =>
      until(
        `message ${id} is ${statuses.join(' or ')}`,
        async () => {
          const { body } = await getMessage(id)
          return statuses.includes(body.status) ? body : undefined
        },
        { timeoutMs: timeoutMs ?? 60_000, everyMs: 100 },
      ),
  }
}
