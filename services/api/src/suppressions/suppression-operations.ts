import { z } from 'zod'
import type { RecipientSchema } from '../messages/recipient.ts'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { AddSuppressionBody } from './add-suppression.route.ts'
import { ImportSuppressionsBody } from './import-suppressions.route.ts'
import { ListSuppressionsQuery } from './list-suppressions.route.ts'
import { suppressionParams } from './suppression-params.ts'

const Suppression = z
  .object({
    number: z.string(),
    reason: z.string().optional(),
    source: z.enum(['api', 'inbound']).describe('`inbound`: its holder wrote that he wants no messages.'),
    at: Time,
  })
  .meta({ id: 'Suppression' })

const Imported = z.object({
  listed: z.int(),
  refused: z
    .array(z.object({ row: z.int().describe('Its place in `numbers`, from 0.'), message: z.string() }))
    .describe('What is no phone number.'),
})

const exampleOfSuppression = {
  number: EXAMPLE.number,
  reason: 'Asked on the phone.',
  source: 'api',
  at: EXAMPLE.time,
}

export function suppressionOperations(recipient: RecipientSchema) {
  const params = suppressionParams(recipient)
  const exampleOf = { number: EXAMPLE.number }
  return {
    '/v1/suppressions': {
      get: {
        id: 'listSuppressions',
        summary: 'List whom you send nothing to',
        description: 'Newest first.',
        caller: 'messages:read',
        query: ListSuppressionsQuery,
        answers: {
          200: {
            description: 'A page.',
            schema: pageOf(Suppression),
            example: { data: [exampleOfSuppression], next: null },
          },
        },
      },
      post: {
        id: 'importSuppressions',
        summary: 'Put many numbers on the list',
        description: 'Numbers that are faulty are named, and the others are listed.',
        caller: 'messages:send',
        body: {
          schema: ImportSuppressionsBody,
          examples: { some: { numbers: [EXAMPLE.number, '+5511999991001'], reason: 'Old customers.' } },
        },
        answers: {
          200: { description: 'What became of them.', schema: Imported, example: { listed: 2, refused: [] } },
        },
      },
    },
    '/v1/suppressions/:number': {
      get: {
        id: 'readSuppression',
        summary: 'Read why a number is on the list',
        caller: 'messages:read',
        params,
        exampleOf,
        answers: { 200: { description: 'It is on the list.', schema: Suppression, example: exampleOfSuppression } },
        problems: ['suppression-not-found'],
      },
      put: {
        id: 'addSuppression',
        summary: 'Put a number on the list',
        caller: 'messages:send',
        params,
        exampleOf,
        body: {
          schema: AddSuppressionBody,
          isOptional: true,
          examples: { reason: { reason: 'Asked on the phone.' } },
        },
        answers: { 200: { description: 'It is on the list.', schema: Suppression, example: exampleOfSuppression } },
        problems: ['suppression-not-found'],
      },
      delete: {
        id: 'removeSuppression',
        summary: 'Take a number off the list',
        description: 'Only if its holder agrees.',
        caller: 'messages:send',
        params,
        exampleOf,
        answers: { 204: { description: 'It is off the list.' } },
        problems: ['suppression-not-found'],
      },
    },
  } as const satisfies Operations
}
