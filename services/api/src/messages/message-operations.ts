import { z } from 'zod'
import { ASYNC_ANSWER, ASYNC_HEADERS, ASYNC_PROBLEMS } from '../bulk-operations/bulk-operation-operations.ts'
import { pageOf } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { cancelManyBody } from './cancel-messages.route.ts'
import { listMessagesQuery } from './list-messages.route.ts'
import { createMessageBodies } from './message-body.ts'
import { MESSAGE_EXAMPLES } from './message-examples.ts'
import { MessageParams } from './message-params.ts'
import { exampleOfListed, exampleOfMessage, ListedMessage, Message } from './message-schemas.ts'
import type { RecipientSchema } from './recipient.ts'
import { RescheduleBody } from './reschedule-message.route.ts'

const Accepted = z
  .object({ id: z.uuid(), status: z.literal('accepted'), links: z.object({ self: z.string() }) })
  .meta({ id: 'Accepted' })

const CancelledMany = z.object({
  cancelled: z.int(),
  skipped: z.int().describe('What began to be sent just then.'),
  next: z.string().nullable().describe('Send the request again with it as `cursor`; `null`: that was all.'),
})

const params = MessageParams
const exampleOf = { id: EXAMPLE.message }

export function messageOperations(recipient: RecipientSchema) {
  return {
    '/v1/messages': {
      post: {
        id: 'sendMessage',
        summary: 'Send a message',
        description:
          'After 202 it is not lost: it ends in a status that says what became of it. Give every message an ' +
          '`Idempotency-Key` of yours, and repeat whatever was not answered with 202 or 4xx.',
        caller: 'messages:send',
        perInstance: true,
        headers: ['Idempotency-Key'],
        body: { schema: sendMessageBody(recipient), examples: MESSAGE_EXAMPLES },
        answers: {
          202: {
            description: 'It will be sent.',
            schema: Accepted,
            example: { id: EXAMPLE.message, status: 'accepted', links: { self: `/v1/messages/${EXAMPLE.message}` } },
            headers: ['Location', 'Idempotent-Replayed'],
          },
          200: {
            description: 'Of `validateOnly`: it would have been accepted.',
            schema: z.object({ status: z.literal('valid') }),
            example: { status: 'valid' },
          },
        },
        problems: [
          'instance-not-found',
          'idempotency-key-reused',
          'suppressed',
          'kind-not-supported',
          'overloaded',
          'accept-unknown',
        ],
      },
      get: {
        id: 'listMessages',
        summary: 'List your messages',
        description:
          'Newest first. All filters that are given must hold. A page may be shorter than `limit` and still have a `next`.',
        caller: 'messages:read',
        query: listMessagesQuery(recipient),
        exampleOf: { instance: EXAMPLE.instance, limit: '20' },
        answers: {
          200: {
            description: 'A page.',
            schema: pageOf(ListedMessage),
            example: { data: [exampleOfListed], next: EXAMPLE.next },
          },
        },
      },
    },
    '/v1/messages/cancel': {
      post: {
        id: 'cancelMessages',
        summary: 'Cancel many messages that wait',
        description: 'Up to 10,000 at a time. A body must name which, or say `"all": true`.',
        caller: 'messages:send',
        headers: [...ASYNC_HEADERS],
        body: {
          schema: cancelManyBody(recipient),
          examples: { scheduled: { instance: EXAMPLE.instance, status: 'scheduled' }, all: { all: true } },
        },
        answers: {
          200: {
            description: 'So many were cancelled.',
            schema: CancelledMany,
            example: { cancelled: 412, skipped: 0, next: null },
          },
          202: ASYNC_ANSWER,
        },
        problems: [...ASYNC_PROBLEMS],
      },
    },
    '/v1/messages/:id': {
      get: {
        id: 'readMessage',
        summary: 'Read a message',
        description: 'Its whole life: status, attempts, receipts, and what it waits for.',
        caller: 'messages:read',
        perInstance: true,
        params,
        exampleOf,
        answers: { 200: { description: 'The message.', schema: Message, example: exampleOfMessage } },
        problems: ['message-not-found'],
      },
      patch: {
        id: 'rescheduleMessage',
        summary: 'Change when a message that waits is sent',
        description: '`sendAt: null` means as soon as possible, `expiresAt: null` never expiring.',
        caller: 'messages:send',
        params,
        exampleOf,
        body: {
          schema: RescheduleBody,
          examples: { sooner: { sendAt: null, priority: 'high' }, forever: { expiresAt: null } },
        },
        answers: {
          200: { description: 'The message as it is now.', schema: Message, example: exampleOfMessage },
        },
        problems: ['message-not-found', 'wrong-status'],
      },
    },
    '/v1/messages/:id/cancel': {
      post: {
        id: 'cancelMessage',
        summary: 'Cancel a message that waits',
        description: 'It is `cancelled`, or `unknown` when an earlier attempt may have sent it. Repeating it is safe.',
        caller: 'messages:send',
        params,
        exampleOf,
        answers: {
          200: {
            description: 'No further attempt is made.',
            schema: Message,
            example: { ...exampleOfMessage, status: 'cancelled', attempts: [] },
          },
        },
        problems: ['message-not-found', 'wrong-status'],
      },
    },
  } as const satisfies Operations
}

/** As the schema of the kinds has it, and `base64`, which is taken out before they see it. */
const File = z
  .strictObject({
    url: z.string().max(2082).optional().describe('An https address in the public internet.'),
    id: z.uuid().optional().describe('Of a file that was uploaded.'),
    base64: z.string().optional().describe('A small file itself.'),
    mimetype: z.string().max(100).optional(),
    fileName: z.string().max(255).optional(),
  })
  .describe('Just one of `url`, `id` and `base64`.')

/** Each kind under a name of its own, for clients that are generated. */
function sendMessageBody(recipient: RecipientSchema) {
  const { text, others } = createMessageBodies(recipient)
  const kinds = others.options.map((kind) => {
    const whole = 'media' in kind.shape ? kind.extend({ media: File }) : kind
    return whole.meta({ id: nameOf(kind.shape.type.value) })
  })
  return z.union([text.meta({ id: nameOf('text') }), ...kinds]).meta({
    id: 'NewMessage',
    description: 'By its `type`; without one it is a text.',
  })
}

function nameOf(type: string): string {
  return `New${type.charAt(0).toUpperCase()}${type.slice(1)}Message`
}
