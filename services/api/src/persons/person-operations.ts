import { z } from 'zod'
import type { RecipientSchema } from '../messages/recipient.ts'
import { Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import { ONCE_HEADERS, ONCE_PROBLEMS } from '../openapi/once.ts'
import type { Operation, Operations } from '../openapi/operation.ts'
import { erasePersonBody } from './erase-person.route.ts'
import { exportPersonBody } from './export-person.route.ts'
import { ErasureParams } from './read-erasure.route.ts'

const Erasure = z
  .object({
    id: z.uuid(),
    by: z.string().describe('Id of a user.'),
    records: z.enum(['own', 'everybody']),
    person: z.string().describe('Stands for the number.'),
    status: z.enum(['running', 'done']),
    stage: z.string(),
    suppressions: z.enum(['keep', 'erase']),
    done: z.object({ rows: z.int(), cancelled: z.int(), messages: z.int(), contacts: z.int(), suppressions: z.int() }),
    waiting: z.int().nullable().optional().describe('Messages that are being sent just now.'),
    createdAt: Time,
    doneAt: Time.optional(),
    links: z.object({ self: z.string() }).optional(),
  })
  .meta({ id: 'Erasure' })

const exampleOfErasure = {
  id: '5b0c1f0e-1d7a-4c39-8b1e-0c9a4c6c7f11',
  by: EXAMPLE.user,
  records: 'own',
  person: '9a0f6c1d2e3b4a5968778695a4b3c2d1',
  status: 'running',
  stage: 'closing',
  suppressions: 'keep',
  done: { rows: 0, cancelled: 1, messages: 0, contacts: 0, suppressions: 0 },
  waiting: 1,
  createdAt: EXAMPLE.time,
}

const LAST_LINE =
  '{"kind":"end","person":"9a0f6c1d2e3b4a5968778695a4b3c2d1","messages":0,"contacts":0,"suppressions":0}\n'

export function personOperations(recipient: RecipientSchema) {
  const own = { take: 'messages:read', erase: 'messages:send', read: 'messages:read' } as const
  const everybodys = { take: 'persons', erase: 'persons', read: 'persons' } as const
  return { ...operationsAt('/v1/persons', '', own), ...operationsAt('/v1/admin/persons', 'Anywhere', everybodys) }

  function operationsAt(
    path: string,
    suffix: string,
    callers: Readonly<Record<'take' | 'erase' | 'read', Operation['caller']>>,
  ): Operations {
    const whose = suffix === '' ? 'that you keep' : 'that anybody here keeps'
    return {
      [`${path}/export`]: {
        post: {
          id: `exportPerson${suffix}`,
          summary: `Export all ${whose} of a person`,
          description: 'A JSON text on each line; the last one is of `kind` `end` and counts the others.',
          caller: callers.take,
          body: { schema: exportPersonBody(recipient), examples: { number: { number: EXAMPLE.number } } },
          answers: { 200: { description: 'The lines.', otherTypes: { 'application/x-ndjson': LAST_LINE } } },
          problems: ['overloaded'],
        },
      },
      [`${path}/erase`]: {
        post: {
          id: `erasePerson${suffix}`,
          summary: `Erase all ${whose} of a person`,
          description: 'Done step by step. His entry on the suppression list stays unless `suppressions` is `erase`.',
          caller: callers.erase,
          body: { schema: erasePersonBody(recipient), examples: { number: { number: EXAMPLE.number } } },
          headers: [...ONCE_HEADERS],
          answers: {
            202: {
              description: 'The order.',
              schema: Erasure,
              example: exampleOfErasure,
              headers: ['Location', 'Idempotent-Replayed'],
            },
          },
          problems: ['overloaded', ...ONCE_PROBLEMS],
        },
      },
      [`${path}/erasures/:id`]: {
        get: {
          id: `readErasure${suffix}`,
          summary: 'Read how far an erasure has come',
          caller: callers.read,
          params: ErasureParams,
          exampleOf: { id: exampleOfErasure.id },
          answers: { 200: { description: 'The order.', schema: Erasure, example: exampleOfErasure } },
          problems: ['erasure-not-found'],
        },
      },
    }
  }
}
