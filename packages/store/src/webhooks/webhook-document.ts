import type { WebhookEventType } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'

/** - `user`: its owner · `gone`: it answered 410 · `failing`: for a day nothing reached it */
export type DisabledReason = 'user' | 'gone' | 'failing'

/** An address that a user wants events posted to. */
export type WebhookEndpoint = Readonly<{
  /** UUID. */
  id: string
  user: string
  url: string
  description?: string
  /** Undefined: all. */
  events?: readonly WebhookEventType[]
  /** Names; undefined: all. */
  instances?: readonly string[]
  enabled: boolean
  disabledReason?: DisabledReason
  disabledAt?: Date
  /** Since then every attempt has failed. */
  failingSince?: Date
  /** Attempts that failed in a row. */
  failures: number
  /** Events after this place of the sequence are for it. */
  fromSeq: number
  createdAt: Date
}>

/**
 * - `dueAt`: when there is something to post; absent when nothing waits
 * - `wake`: rises with each write that brings something, so that whoever found nothing more does not overlook it
 * - `lease`: who posts to it, and until when nobody else may
 * - `restUntil`: so long it is left alone, whatever comes
 */
export type EndpointDocument = Omit<WebhookEndpoint, 'id'> & {
  _id: string
  ownerActive: boolean
  secrets: { sealed: string; expiresAt?: Date }[]
  dueAt?: Date
  wake: number
  lease?: { by: string; until: Date }
  restUntil?: Date
  /** We switched it off, and nobody has taken it on to tell its owner. */
  noticeDue?: true
}

export const WEBHOOK_ENDPOINT_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'user', key: { user: 1, createdAt: 1 } },
  { name: 'due', key: { dueAt: 1 }, sparse: true },
  { name: 'notice', key: { disabledAt: 1 }, partialFilterExpression: { noticeDue: true } },
]

export type WebhookAttempt = Readonly<{
  at: Date
  durationMs: number
  /** HTTP status, when there was an answer. */
  status?: number
  /** Why there was none. */
  code?: string
  /** The beginning of what was answered. */
  answer?: string
}>

/** One event for one endpoint. */
export type WebhookDelivery = Readonly<{
  /** The event's: one endpoint has each event once. */
  id: string
  endpoint: string
  user: string
  /** Place in the sequence of events; 0 for what is none of it. */
  seq: number
  type: string
  /** What must not overtake: the message or instance that the event is about. */
  key: string
  /** The exact text that is posted. */
  body: string
  /** Of the message that the event is about, if that is traced. */
  traceparent?: string
  state: 'waiting' | 'delivered' | 'failed'
  /** While it waits. */
  nextAttemptAt?: Date
  /** Attempts since it was made or last replayed. */
  tries: number
  /** The latest, the oldest first. */
  attempts: readonly WebhookAttempt[]
  createdAt: Date
}>

/** `_id`: endpoint, `/`, event. */
export type DeliveryDocument = Omit<WebhookDelivery, 'id' | 'attempts'> & {
  _id: string
  event: string
  attempts: WebhookAttempt[]
  expireAt: Date
}

export const WEBHOOK_DELIVERY_INDEXES: readonly mongo.IndexDescription[] = [
  {
    name: 'waiting',
    key: { endpoint: 1, nextAttemptAt: 1, seq: 1 },
    partialFilterExpression: { state: 'waiting' },
  },
  { name: 'newest_first', key: { endpoint: 1, createdAt: -1, _id: -1 } },
  { name: 'state_newest_first', key: { endpoint: 1, state: 1, createdAt: -1, _id: -1 } },
  { name: 'retention', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]
