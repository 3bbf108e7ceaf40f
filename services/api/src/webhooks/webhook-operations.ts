import { WEBHOOK_EVENT_TYPES } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import { ONCE_HEADERS, ONCE_PROBLEMS } from '../openapi/once.ts'
import type { Operations } from '../openapi/operation.ts'
import { ListDeliveriesQuery } from './list-deliveries.route.ts'
import { ChangeWebhookBody, CreateWebhookBody, DeliveryParams, WebhookParams } from './webhook-body.ts'

const Webhook = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string().optional(),
    events: z.array(z.enum(WEBHOOK_EVENT_TYPES)).nullable().describe('What it is told; `null`: everything.'),
    instances: z.array(z.string()).nullable().describe('Of which instances; `null`: all.'),
    enabled: z.boolean(),
    disabledReason: z.object({ code: z.enum(['user', 'gone', 'failing']), detail: z.string() }).optional(),
    disabledAt: Time.optional(),
    failingSince: Time.optional().describe('Since then every attempt has failed.'),
    failures: z.int().optional().describe('Attempts that failed in a row.'),
    createdAt: Time,
  })
  .meta({ id: 'Webhook' })

const Secret = z.string().describe('Signs what is posted, after Standard Webhooks. Told this once.')

const Delivery = z
  .object({
    id: z.string().describe('Of the event; what is posted carries it as `webhook-id`.'),
    type: z.string(),
    state: z.enum(['waiting', 'delivered', 'failed']),
    createdAt: Time,
    nextAttemptAt: Time.optional(),
    attempts: z.array(
      z.object({
        at: Time,
        durationMs: z.number(),
        status: z.int().optional().describe('Of HTTP, when there was an answer.'),
        code: z.string().optional().describe('Why there was none.'),
        answer: z.string().optional().describe('The beginning of what was answered.'),
      }),
    ),
    body: z.string().describe('The exact text that is posted.'),
  })
  .meta({ id: 'Delivery' })

const exampleOfWebhook = {
  id: EXAMPLE.webhook,
  url: 'https://example.com/hooks/whatsapp',
  events: ['message.sent', 'message.read', 'message.failed'],
  instances: null,
  enabled: true,
  createdAt: EXAMPLE.time,
}

const exampleOfDelivery = {
  id: `${EXAMPLE.message}:2`,
  type: 'message.sent',
  state: 'delivered',
  createdAt: EXAMPLE.time,
  attempts: [{ at: EXAMPLE.later, durationMs: 84, status: 200 }],
  body: '{"v":1,"type":"message.sent"}',
}

const params = WebhookParams
const exampleOf = { id: EXAMPLE.webhook }
const caller = 'webhooks:manage'

export const webhookOperations = {
  '/v1/webhooks': {
    get: {
      id: 'listWebhooks',
      summary: 'List your webhooks',
      description: 'All at once.',
      caller,
      answers: {
        200: {
          description: 'There is one page.',
          schema: pageOf(Webhook),
          example: { data: [exampleOfWebhook], next: null },
        },
      },
      problems: ['invalid-request'],
    },
    post: {
      id: 'createWebhook',
      summary: 'Have events posted to an address',
      caller,
      body: {
        schema: CreateWebhookBody,
        examples: {
          some: { url: exampleOfWebhook.url, events: exampleOfWebhook.events },
          all: { url: exampleOfWebhook.url, description: 'For the shop.' },
        },
      },
      headers: [...ONCE_HEADERS],
      answers: {
        201: {
          description: 'The webhook, with its secret.',
          schema: Webhook.extend({ secret: Secret }),
          example: { ...exampleOfWebhook, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
          headers: ['Location', 'Idempotent-Replayed'],
        },
      },
      problems: ['webhook-limit', ...ONCE_PROBLEMS],
    },
  },
  '/v1/webhooks/:id': {
    get: {
      id: 'readWebhook',
      summary: 'Read a webhook',
      caller,
      params,
      exampleOf,
      answers: { 200: { description: 'The webhook.', schema: Webhook, example: exampleOfWebhook } },
      problems: ['webhook-not-found'],
    },
    patch: {
      id: 'changeWebhook',
      summary: 'Change a webhook',
      description: '`null` goes back to the default; what is not named stays.',
      caller,
      params,
      exampleOf,
      body: { schema: ChangeWebhookBody, examples: { events: { events: null }, enable: { enabled: true } } },
      answers: {
        200: {
          description: 'The webhook as it is now.',
          schema: Webhook,
          example: { ...exampleOfWebhook, events: null },
        },
      },
      problems: ['webhook-not-found'],
    },
    delete: {
      id: 'removeWebhook',
      summary: 'Delete a webhook',
      description: 'With its deliveries.',
      caller,
      params,
      exampleOf,
      answers: { 204: { description: 'It is gone.' } },
      problems: ['webhook-not-found'],
    },
  },
  '/v1/webhooks/:id/rotate-secret': {
    post: {
      id: 'rotateWebhookSecret',
      summary: 'Give a webhook a new secret',
      description: 'Both sign until `formerUntil`.',
      caller,
      params,
      exampleOf,
      headers: [...ONCE_HEADERS],
      answers: {
        200: {
          description: 'The new secret.',
          schema: z.object({ secret: Secret, formerUntil: Time }),
          example: { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', formerUntil: '2026-02-01T12:00:00.101Z' },
          headers: ['Idempotent-Replayed'],
        },
      },
      problems: ['webhook-not-found', ...ONCE_PROBLEMS],
    },
  },
  '/v1/webhooks/:id/ping': {
    post: {
      id: 'pingWebhook',
      summary: 'Post a test event',
      caller,
      params,
      exampleOf,
      headers: [...ONCE_HEADERS],
      answers: {
        202: {
          description: 'It is posted like any other.',
          schema: z.object({ id: z.string(), links: z.object({ deliveries: z.string() }) }),
          example: {
            id: 'ping:3f1c9a52-7a0e-4d42-9b8e-1d2c3b4a5f60',
            links: { deliveries: `/v1/webhooks/${EXAMPLE.webhook}/deliveries` },
          },
          headers: ['Idempotent-Replayed'],
        },
      },
      problems: ['webhook-not-found', 'webhook-disabled', ...ONCE_PROBLEMS],
    },
  },
  '/v1/webhooks/:id/deliveries': {
    get: {
      id: 'listDeliveries',
      summary: 'List what was posted',
      description: 'Newest first, with each attempt.',
      caller,
      params,
      query: ListDeliveriesQuery,
      exampleOf: { ...exampleOf, state: 'failed' },
      answers: {
        200: { description: 'A page.', schema: pageOf(Delivery), example: { data: [exampleOfDelivery], next: null } },
      },
      problems: ['webhook-not-found'],
    },
  },
  '/v1/webhooks/:id/deliveries/:delivery/replay': {
    post: {
      id: 'replayDelivery',
      summary: 'Post one again',
      description: 'Under the same `webhook-id`, with all its retries.',
      caller,
      params: DeliveryParams,
      exampleOf: { ...exampleOf, delivery: exampleOfDelivery.id },
      answers: {
        202: {
          description: 'It waits to be posted.',
          schema: Delivery,
          example: { ...exampleOfDelivery, state: 'waiting', nextAttemptAt: EXAMPLE.later },
        },
      },
      problems: ['webhook-not-found', 'delivery-not-found', 'webhook-disabled'],
    },
  },
} as const satisfies Operations
