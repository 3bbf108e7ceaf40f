import { z } from 'zod'
import { FieldFault } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { BatchBody } from './send-batch.route.ts'

export const BatchCounts = z
  .object({ accepted: z.int(), valid: z.int(), refused: z.int(), unavailable: z.int(), unknown: z.int() })
  .meta({ id: 'BatchCounts' })

export const RowAnswer = z
  .discriminatedUnion('status', [
    z.object({
      status: z.literal('accepted'),
      id: z.uuid(),
      replayed: z.literal(true).optional().describe('It was accepted before this call.'),
    }),
    z.object({ status: z.literal('valid') }),
    z.object({
      status: z.literal('refused').describe('It will never be accepted as it is.'),
      code: z.string(),
      detail: z.string(),
      errors: z.array(FieldFault).optional(),
    }),
    z.object({
      status: z.literal('unavailable').describe('Certainly not accepted: send it again after a moment.'),
      code: z.enum(['overloaded', 'unavailable']),
    }),
    z.object({
      status: z.literal('accept-unknown').describe('Send it again only with the same `Idempotency-Key`.'),
      id: z.uuid(),
    }),
  ])
  .meta({ id: 'RowAnswer' })

const results = z.array(RowAnswer).describe('One for each row, in their order.')

const accepted = {
  batch: EXAMPLE.batch,
  counts: { accepted: 1, valid: 0, refused: 1, unavailable: 0, unknown: 0 },
  results: [
    { status: 'accepted', id: '0192f0c1-5b1e-7001-8000-5d1f0c2b9a11' },
    {
      status: 'refused',
      code: 'invalid-request',
      detail: 'variables.order: is required by the template',
      errors: [{ field: 'variables.order', message: 'is required by the template' }],
    },
  ],
}

const { number: to, instance } = EXAMPLE

export const batchOperations = {
  '/v1/messages/batch': {
    post: {
      id: 'sendBatch',
      summary: 'Send up to 500 messages in one call',
      description:
        'They are judged one by one. A row takes the fields of a single message, and `variables` for the `template`; ' +
        'what the batch says for all may be left out. Look at `counts`: some rows may not have been accepted.',
      caller: 'messages:send',
      perInstance: true,
      headers: ['Idempotency-Key'],
      body: {
        schema: BatchBody,
        examples: {
          template: {
            instance,
            template: 'Olá {{name}}, seu pedido {{order}} saiu para entrega.',
            messages: [
              { to: '+5511999991001', variables: { name: 'Ana', order: '48213' }, reference: '48213' },
              { to: '+5511999991002', variables: { name: 'Bia', order: '48214' } },
            ],
          },
          own: { instance, priority: 'bulk', messages: [{ to, text: 'A text of its own.' }] },
          validate: { instance, validateOnly: true, messages: [{ to, text: 'Would this be accepted?' }] },
        },
      },
      answers: {
        202: {
          description: 'At least one row was accepted.',
          schema: z.object({ batch: z.uuid(), counts: BatchCounts, results }).meta({ id: 'BatchAnswer' }),
          example: accepted,
        },
        200: {
          description: 'Of `validateOnly`.',
          schema: z.object({ counts: BatchCounts, results }),
          example: {
            counts: { accepted: 0, valid: 1, refused: 0, unavailable: 0, unknown: 0 },
            results: [{ status: 'valid' }],
          },
        },
      },
      problems: ['batch-refused', 'overloaded', 'accept-unknown'],
    },
  },
} as const satisfies Operations
