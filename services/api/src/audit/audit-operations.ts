import { z } from 'zod'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { ListAuditQuery } from './list-audit.route.ts'

const AuditEntry = z
  .object({
    id: z.string(),
    at: Time,
    by: z.string().describe('Id of a user.'),
    action: z.string().describe('Such as `user.approved`; more may be added.'),
    target: z.string().describe('Id or name of what it was done to.'),
    address: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
  })
  .meta({ id: 'AuditEntry' })

export const auditOperations = {
  '/v1/audit': {
    get: {
      id: 'listAudit',
      summary: 'Read the audit log',
      description: 'Who did what to what, newest first.',
      caller: 'audit',
      query: ListAuditQuery,
      exampleOf: { by: EXAMPLE.user },
      answers: {
        200: {
          description: 'A page.',
          schema: pageOf(AuditEntry),
          example: {
            data: [
              {
                id: '3f1c9a52-7a0e-4d42-9b8e-1d2c3b4a5f60',
                at: EXAMPLE.time,
                by: EXAMPLE.user,
                action: 'user.rejected',
                target: '65f0c1d2e3f4a5b6c7d8e9f1',
                address: '203.0.113.7',
                details: { reason: 'Not of this company.' },
              },
            ],
            next: null,
          },
        },
      },
    },
  },
} as const satisfies Operations
