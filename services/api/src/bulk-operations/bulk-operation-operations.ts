import { z } from 'zod'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import { ONCE_HEADERS, ONCE_PROBLEMS } from '../openapi/once.ts'
import type { Operation, OperationAnswer, Operations } from '../openapi/operation.ts'
import { ListBulkOperationsQuery } from './list-bulk-operations.route.ts'
import { BulkOperationParams } from './read-bulk-operation.route.ts'

const BulkOperation = z
  .object({
    id: z.uuid(),
    kind: z.enum(['cancel', 'replay', 'discard']),
    status: z.enum(['running', 'done', 'failed']),
    reason: z.object({ code: z.string(), detail: z.string() }).optional().describe('Why it failed.'),
    done: z.int().describe('Messages that it was done to so far.'),
    skipped: z.int().describe('Those that were found and could not be dealt with when their turn came.'),
    createdAt: Time,
    doneAt: Time.optional().describe('When it was done or failed.'),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'BulkOperation' })

const running = {
  id: EXAMPLE.operation,
  kind: 'cancel',
  status: 'running',
  done: 0,
  skipped: 0,
  createdAt: EXAMPLE.time,
  links: { self: `/v1/operations/${EXAMPLE.operation}` },
}

const halfDone = { ...running, done: 4210, skipped: 3 }

/** What is added to an operation that can be done beside the request. */
export const ASYNC_HEADERS = ['Prefer', ...ONCE_HEADERS] as const satisfies Operation['headers']
export const ASYNC_PROBLEMS = ['too-many-operations', ...ONCE_PROBLEMS] as const satisfies Operation['problems']
export const ASYNC_ANSWER = {
  description: 'With `Prefer: respond-async`: it is done beside the request. Read `Location` to see how far it is.',
  schema: BulkOperation,
  example: running,
  headers: ['Location', 'Preference-Applied', 'Idempotent-Replayed'],
} as const satisfies OperationAnswer

export const bulkOperationOperations = {
  '/v1/operations': {
    get: {
      id: 'listOperations',
      summary: 'List your operations',
      description: 'Newest first. Each is there for 30 days after its end.',
      caller: 'messages:read',
      query: ListBulkOperationsQuery,
      answers: {
        200: { description: 'A page.', schema: pageOf(BulkOperation), example: { data: [halfDone], next: null } },
      },
    },
  },
  '/v1/operations/:id': {
    get: {
      id: 'readOperation',
      summary: 'Read how far an operation has come',
      caller: 'messages:read',
      params: BulkOperationParams,
      exampleOf: { id: EXAMPLE.operation },
      answers: { 200: { description: 'The operation.', schema: BulkOperation, example: halfDone } },
      problems: ['operation-not-found'],
    },
  },
} as const satisfies Operations
