import {
  type FeedEvent,
  INSTANCE_EVENT_TYPES,
  InstanceEvent,
  MESSAGE_EVENT_TYPES,
  MessageEvent,
} from '@whatsapp-sender/contract'
import type { ZodOpenApiComponentsObject, ZodOpenApiPathItemObject, ZodOpenApiPathsObject } from 'zod-openapi'
import { EXAMPLE } from '../openapi/examples.ts'

/** When each event is told. */
const TOLD: Readonly<Record<FeedEvent['type'], string>> = {
  'message.scheduled': 'It waits for its time.',
  'message.queued': 'It is in the ledger, and waits for its turn.',
  'message.retrying': 'An attempt failed; the next is made at `nextAttemptAt`.',
  'message.sent': 'Evolution API took it.',
  'message.delivered': 'The phone of the recipient has it.',
  'message.read': 'The recipient has read it.',
  'message.failed': 'It can never be sent; `reason` says why.',
  'message.dead-lettered': 'Its attempts are used up.',
  'message.unknown': 'It may have been sent, and is not sent again.',
  'message.cancelled': 'It was taken back before it was sent.',
  'message.expired': 'Its time was over before it could be sent.',
  'message.stuck': 'It was sent long ago, and no receipt has come.',
  'message.conflict': 'Another message came under the same idempotency key, and was not taken.',
  'instance.connected': 'It can be sent through, and could not before.',
  'instance.disconnected': 'It cannot be sent through any more; its messages wait.',
  'qr.needed': 'It has no login: connect a phone.',
}

export const EVENT_SCHEMAS = { MessageEvent, InstanceEvent }

/** Of Standard Webhooks. */
export const EVENT_HEADERS = {
  WebhookId: header('webhook-id', "The event's `id`, the same each time it is posted.", `${EXAMPLE.message}:2`),
  WebhookTimestamp: header('webhook-timestamp', 'When it is posted, in seconds.', '1769860801'),
  WebhookSignature: header(
    'webhook-signature',
    '`v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
} as const satisfies ZodOpenApiComponentsObject['parameters']

/** What is posted to the webhooks of users, by the type of the event. */
export function webhookEvents(): ZodOpenApiPathsObject {
  return Object.fromEntries([
    ...MESSAGE_EVENT_TYPES.map((type) => [type, posted(type, 'MessageEvent', { message: MESSAGE })] as const),
    ...INSTANCE_EVENT_TYPES.map((type) => [type, posted(type, 'InstanceEvent', {})] as const),
  ])
}

const MESSAGE = { id: EXAMPLE.message, to: EXAMPLE.number, type: 'text', reference: 'order 7' }

function posted(
  type: FeedEvent['type'],
  schema: keyof typeof EVENT_SCHEMAS,
  facts: Readonly<{ message?: typeof MESSAGE }>,
): ZodOpenApiPathItemObject {
  const instanceId = '0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11'
  const id = `${facts.message?.id ?? instanceId}:2`
  const of = { user: EXAMPLE.user, instance: EXAMPLE.instance, instanceId }
  return {
    post: {
      tags: ['Events'],
      operationId: type,
      summary: TOLD[type],
      parameters: Object.keys(EVENT_HEADERS).map((name) => ({ $ref: `#/components/parameters/${name}` })),
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              allOf: [{ $ref: `#/components/schemas/${schema}` }, { properties: { type: { const: type } } }],
            },
            example: { v: 1, id, n: 2, type, at: EXAMPLE.time, ...of, ...facts },
          },
        },
      },
      responses: {
        '2XX': { description: 'You have it.' },
        default: { description: 'You do not: it is posted again.' },
      },
    },
  }
}

function header(name: string, description: string, example: string) {
  return { in: 'header', name, required: true, description, schema: { type: 'string' }, example } as const
}
