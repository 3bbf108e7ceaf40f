import { call, type Failed } from './call.ts'
import type { HttpExchange } from './http-exchange.ts'
import { instancePath } from './instance-path.ts'
import { isRecord, textAt, valueAt } from './json.ts'

export type WebhookTarget = Readonly<{ url: string; secret: string }>

export type Webhook = Readonly<{
  url: string
  secret: string | undefined
  isEnabled: boolean
  events: readonly string[]
}>

type OfInstance = Readonly<{ instance: string; apiKey: string }>

/** Header that proves an event's origin: Evolution signs nothing. */
const WEBHOOK_SECRET_HEADER = 'x-webhook-secret'

const TIMEOUT_MS = 30_000

/** Always given: without a list Evolution fails, and `create` even removes the instance again. */
const EVENTS = [
  'SEND_MESSAGE',
  'MESSAGES_UPSERT',
  'MESSAGES_UPDATE',
  'MESSAGES_DELETE',
  'CONNECTION_UPDATE',
  'STATUS_INSTANCE',
  'QRCODE_UPDATED',
  'LOGOUT_INSTANCE',
] as const

export function webhookSettings({ url, secret }: WebhookTarget): Readonly<Record<string, unknown>> {
  return {
    enabled: true,
    url,
    headers: { [WEBHOOK_SECRET_HEADER]: secret },
    byEvents: false,
    base64: false,
    events: EVENTS,
  }
}

type Set = Readonly<{ done: true }>

export function setWebhook(http: HttpExchange, o: OfInstance & WebhookTarget): Promise<Set | Failed> {
  return set(http, o, { webhook: webhookSettings(o), withheld: () => [o.secret] })
}

/** There is no route that removes one. */
export function unsetWebhook(http: HttpExchange, o: OfInstance): Promise<Set | Failed> {
  return set(http, o, { webhook: { enabled: false, url: '', headers: {}, events: [] }, withheld: () => [] })
}

function set(
  http: HttpExchange,
  o: OfInstance,
  { webhook, withheld }: Readonly<{ webhook: object; withheld: () => readonly string[] }>,
): Promise<Set | Failed> {
  return call(http, {
    route: 'instance',
    method: 'post',
    path: instancePath('/webhook/set', o.instance),
    apiKey: o.apiKey,
    body: { webhook },
    timeoutMs: TIMEOUT_MS,
    withheld,
    read: ({ json }) => (isRecord(json) && json['error'] !== true ? { done: true } : undefined),
  })
}

/** `webhook` is undefined when none was ever set. */
export function findWebhook(
  http: HttpExchange,
  o: OfInstance,
): Promise<Readonly<{ webhook: Webhook | undefined }> | Failed> {
  return call(http, {
    route: 'instance',
    method: 'get',
    path: instancePath('/webhook/find', o.instance),
    apiKey: o.apiKey,
    timeoutMs: TIMEOUT_MS,
    read: ({ json }) => (json === null || isRecord(json) ? { webhook: webhookOf(json) } : undefined),
  })
}

function webhookOf(json: unknown): Webhook | undefined {
  const url = textAt(json, 'url')
  if (url === undefined) return undefined
  const events = valueAt(json, 'events')
  return {
    url,
    secret: textAt(json, 'headers', WEBHOOK_SECRET_HEADER),
    isEnabled: valueAt(json, 'enabled') === true,
    events: Array.isArray(events) ? events.filter((event) => typeof event === 'string') : [],
  }
}
