import { z } from 'zod'
import { pageOf } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { AllUsageQuery, UsageQuery } from './list-usage.route.ts'

const Usage = z
  .object({
    day: z.iso.date(),
    instance: z.string(),
    accepted: z.int(),
    sent: z.int(),
    failed: z.int(),
    unknown: z.int(),
  })
  .meta({ id: 'Usage' })

const UsageOfUser = Usage.extend({ user: z.string() })

const ofDay = { day: '2026-01-31', instance: EXAMPLE.instance, accepted: 1200, sent: 1180, failed: 15, unknown: 2 }

export const usageOperations = {
  '/v1/usage': {
    get: {
      id: 'listUsage',
      summary: 'Count your messages by day and instance',
      description: 'Newest day first; left out, `from` and `until` are the last 30 days.',
      caller: 'messages:read',
      query: UsageQuery,
      answers: { 200: { description: 'A page.', schema: pageOf(Usage), example: { data: [ofDay], next: null } } },
    },
  },
  '/v1/admin/usage': {
    get: {
      id: 'listUsageOfAll',
      summary: 'Count the messages of all users',
      caller: 'administration',
      query: AllUsageQuery,
      answers: {
        200: {
          description: 'A page.',
          schema: pageOf(UsageOfUser),
          example: { data: [{ user: EXAMPLE.user, ...ofDay }], next: null },
        },
      },
    },
  },
} as const satisfies Operations
