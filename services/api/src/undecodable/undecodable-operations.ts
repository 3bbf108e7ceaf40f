import { z } from 'zod'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { ListUndecodableQuery } from './list-undecodable.route.ts'
import { UndecodableParams } from './undecodable-id.ts'

const UndecodableEntry = z
  .object({
    id: z.string().describe('`topic:partition:offset`.'),
    topic: z.string(),
    partition: z.int(),
    offset: z.string(),
    reason: z.string(),
    detail: z.string(),
    at: Time,
    bytes: z.int().describe('Length of the value.'),
  })
  .meta({ id: 'UndecodableEntry' })

const Bytes = z.object({ base64: z.string(), text: z.string().optional().describe('If it can be read as such.') })

const Undecodable = UndecodableEntry.extend({
  key: Bytes.nullable(),
  value: Bytes.nullable(),
  headers: z.array(Bytes.extend({ name: z.string() })),
})

const exampleOfEntry = {
  id: 'messages:3:184467',
  topic: 'messages',
  partition: 3,
  offset: '184467',
  reason: 'malformed',
  detail: 'The value is no JSON.',
  at: EXAMPLE.time,
  bytes: 5,
}

const exampleOf = { id: exampleOfEntry.id }

export const undecodableOperations = {
  '/v1/undecodable': {
    get: {
      id: 'listUndecodable',
      summary: 'List records that could not become messages',
      description: 'Newest first.',
      caller: 'undecodable',
      query: ListUndecodableQuery,
      answers: {
        200: {
          description: 'A page.',
          schema: pageOf(UndecodableEntry),
          example: { data: [exampleOfEntry], next: null },
        },
      },
    },
  },
  '/v1/undecodable/:id': {
    get: {
      id: 'readUndecodable',
      summary: 'Read one with its bytes',
      caller: 'undecodable',
      params: UndecodableParams,
      exampleOf,
      answers: {
        200: {
          description: 'All of it.',
          schema: Undecodable,
          example: {
            ...exampleOfEntry,
            key: { base64: 'c2FsZXM=', text: 'sales' },
            value: { base64: 'aGVsbG8=', text: 'hello' },
            headers: [],
          },
        },
      },
      problems: ['undecodable-not-found'],
    },
    delete: {
      id: 'discardUndecodable',
      summary: 'Discard one',
      caller: 'undecodable',
      params: UndecodableParams,
      exampleOf,
      answers: { 204: { description: 'It is gone.' } },
      problems: ['undecodable-not-found'],
    },
  },
} as const satisfies Operations
