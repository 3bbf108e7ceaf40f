import { FEED_EVENT_TYPES } from './feed-event.ts'

export const WEBHOOK_PING = 'webhook.ping'

/** What a webhook can ask to be told. A ping is told to the endpoint it was asked for, whatever that listens to. */
export const WEBHOOK_EVENT_TYPES = FEED_EVENT_TYPES
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number]
