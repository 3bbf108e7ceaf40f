import { z } from 'zod'
import { ASYNC_ANSWER, ASYNC_HEADERS, ASYNC_PROBLEMS } from '../bulk-operations/bulk-operation-operations.ts'
import { MessageParams } from '../messages/message-params.ts'
import { Action, exampleOfMessage, MessageLife, Reason, Type } from '../messages/message-schemas.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { discardManyBody } from './discard-dead-letters.route.ts'
import { listDeadLettersQuery } from './list-dead-letters.route.ts'
import { replayManyBody } from './replay-dead-letters.route.ts'
import { ReplayBody } from './replay-expiry.ts'

const ListedDeadLetter = z
  .object({
    id: z.uuid(),
    user: z.string().describe('Whose it is.'),
    instance: z.string(),
    to: z.string(),
    type: Type,
    status: z.enum(['failed', 'dead-lettered', 'unknown']),
    reason: Reason.optional(),
    attemptsCount: z.int(),
    lastAttemptAt: Time.optional(),
    reference: z.string().optional(),
    expiresAt: Time.optional(),
    acceptedAt: Time,
    failedAt: Time.optional(),
    actions: z.array(Action).optional(),
  })
  .meta({ id: 'ListedDeadLetter' })

const DeadLetter = MessageLife.extend({ user: z.string().describe('Whose it is.') }).meta({ id: 'DeadLetter' })

const next = z.string().nullable().describe('Send the request again with it as `cursor`; `null`: that was all.')

const ended = {
  user: EXAMPLE.user,
  ...exampleOfMessage,
  status: 'failed',
  reason: { code: 'not-on-whatsapp', detail: 'The number is not on WhatsApp.' },
  attempts: [],
}

const params = MessageParams
const exampleOf = { id: EXAMPLE.message }

export function deadLetterOperations(recipient: RecipientSchema) {
  return {
    '/v1/dead-letters': {
      get: {
        id: 'listDeadLetters',
        summary: 'List what ended and asks for a person',
        description: "Newest first. An administrator or operator sees everybody's, or those of one `user`.",
        caller: 'messages:read',
        query: listDeadLettersQuery(recipient),
        exampleOf: { instance: EXAMPLE.instance, status: 'failed' },
        answers: {
          200: {
            description: 'A page.',
            schema: pageOf(ListedDeadLetter),
            example: {
              data: [
                {
                  id: EXAMPLE.message,
                  user: EXAMPLE.user,
                  instance: EXAMPLE.instance,
                  to: EXAMPLE.number,
                  type: 'text',
                  status: 'failed',
                  reason: { code: 'not-on-whatsapp', detail: 'The number is not on WhatsApp.' },
                  attemptsCount: 1,
                  acceptedAt: EXAMPLE.time,
                  failedAt: EXAMPLE.later,
                },
              ],
              next: null,
            },
          },
        },
      },
    },
    '/v1/dead-letters/replay': {
      post: {
        id: 'replayDeadLetters',
        summary: 'Send many once more',
        description: 'Up to 10,000 at a time. A body must name which, or say `"all": true`.',
        caller: 'messages:send',
        headers: [...ASYNC_HEADERS],
        body: {
          schema: replayManyBody(recipient),
          examples: { some: { instance: EXAMPLE.instance, status: 'failed', ttlSeconds: 3600 }, all: { all: true } },
        },
        answers: {
          200: {
            description: 'So many wait to be sent.',
            schema: z.object({
              replayed: z.int(),
              skipped: z.int().describe('Those whose time was over, or that somebody else dealt with just then.'),
              next,
            }),
            example: { replayed: 12, skipped: 0, next: null },
          },
          202: ASYNC_ANSWER,
        },
        problems: [...ASYNC_PROBLEMS],
      },
    },
    '/v1/dead-letters/discard': {
      post: {
        id: 'discardDeadLetters',
        summary: 'Take many off the list',
        description: 'Up to 10,000 at a time. A body must name which, or say `"all": true`.',
        caller: 'messages:send',
        headers: [...ASYNC_HEADERS],
        body: {
          schema: discardManyBody(recipient),
          examples: { some: { reason: 'not-on-whatsapp' }, all: { all: true } },
        },
        answers: {
          200: {
            description: 'So many are off the list.',
            schema: z.object({ discarded: z.int(), next }),
            example: { discarded: 12, next: null },
          },
          202: ASYNC_ANSWER,
        },
        problems: [...ASYNC_PROBLEMS],
      },
    },
    '/v1/dead-letters/:id': {
      get: {
        id: 'readDeadLetter',
        summary: 'Read a dead letter',
        description: 'All of it, with its attempts.',
        caller: 'messages:read',
        params,
        exampleOf,
        answers: { 200: { description: 'The dead letter.', schema: DeadLetter, example: ended } },
        problems: ['message-not-found'],
      },
    },
    '/v1/dead-letters/:id/replay': {
      post: {
        id: 'replayDeadLetter',
        summary: 'Send one once more',
        description:
          'With a new allowance of attempts. One whose time is over needs a new one: `expiresAt`, `ttlSeconds`, or ' +
          '`expiresAt: null` for none. One in `unknown` may have arrived, and may then arrive twice.',
        caller: 'messages:send',
        params,
        exampleOf,
        body: { schema: ReplayBody, isOptional: true, examples: { hour: { ttlSeconds: 3600 } } },
        answers: {
          200: { description: 'It waits to be sent.', schema: DeadLetter, example: { ...ended, status: 'queued' } },
        },
        problems: ['message-not-found', 'wrong-status', 'content-removed'],
      },
    },
    '/v1/dead-letters/:id/discard': {
      post: {
        id: 'discardDeadLetter',
        summary: 'Take one off the list',
        description: 'For good. Its `Idempotency-Key` still answers with it until its age removes it.',
        caller: 'messages:send',
        params,
        exampleOf,
        answers: { 200: { description: 'It is off the list.', schema: DeadLetter, example: ended } },
        problems: ['message-not-found', 'wrong-status'],
      },
    },
  } as const satisfies Operations
}
