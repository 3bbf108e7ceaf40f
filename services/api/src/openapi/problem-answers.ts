import { MESSAGE_STATUSES, SCOPES } from '@whatsapp-sender/contract'
import { z } from 'zod'
import type { ZodOpenApiResponseObject } from 'zod-openapi'
import { BatchCounts, RowAnswer } from '../batches/batch-operations.ts'
import { PROBLEM_TYPE, PROBLEMS, type ProblemCode } from '../http/problem.ts'
import { FieldFault } from './answer-schemas.ts'
import { headersOf, type ResponseHeader } from './response-headers.ts'

/** What every answer that is no success says. */
export const Problem = z
  .object({
    type: z.string().describe('Leads to a page about it.'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable: branch on it.'),
    detail: z.string().describe('For people.'),
    errors: z.array(FieldFault).optional().describe('Every field that is at fault.'),
    requestId: z.string().describe('Finds the request in the log; also in header `Request-Id`.'),
    message: z.string().describe('Repeats `detail`, for clients of the older system.'),
    id: z.uuid().optional().describe('Of `accept-unknown`: the message that may have been accepted.'),
    messageStatus: z.enum(MESSAGE_STATUSES).optional().describe('Of `wrong-status`.'),
    campaignStatus: z.string().optional().describe('Of `wrong-campaign-status`.'),
    scope: z.enum(SCOPES).optional().describe('Of `scope-missing`: what the API key lacks.'),
    host: z.string().optional().describe('Of `foreign-webhook`: to whom the instance reports.'),
    instances: z.int().optional().describe('Of `evolution-server-in-use`: how many are there.'),
    evolutionCode: z.string().optional().describe('Why Evolution API refused, or does not answer.'),
    batch: z.uuid().optional().describe('Of a refused batch.'),
    counts: BatchCounts.optional(),
    results: z.array(RowAnswer).optional(),
  })
  .meta({ id: 'Problem', description: 'A problem (RFC 9457).' })

/** Operations that answer with the same problems share what is said of them. */
export function createProblemAnswers() {
  const answers = new Map<string, ZodOpenApiResponseObject>()
  return {
    answer: (status: number, codes: readonly ProblemCode[]): Readonly<{ $ref: string }> => {
      const name = [status, ...codes].join('.')
      if (!answers.has(name)) answers.set(name, answerWith(status, codes))
      return { $ref: `#/components/responses/${name}` }
    },
    /** By name, in the order of their names. */
    all: () => Object.fromEntries([...answers].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function answerWith(status: number, codes: readonly ProblemCode[]): ZodOpenApiResponseObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`).join(' '),
    headers: headersOf(HEADERS_OF_STATUS[status] ?? ['Request-Id']),
    content: {
      [PROBLEM_TYPE]: {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { properties: { status: { const: status }, code: { enum: [...codes] } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  }
}

const HEADERS_OF_STATUS: Readonly<Record<number, readonly ResponseHeader[]>> = {
  401: ['Request-Id', 'WWW-Authenticate'],
  404: ['Request-Id', 'Retry-After'],
  409: ['Request-Id', 'Retry-After'],
  429: ['Request-Id', 'Retry-After', 'RateLimit', 'RateLimit-Policy'],
  503: ['Request-Id', 'Retry-After'],
}

function exampleOf(code: ProblemCode) {
  const [status, title] = PROBLEMS[code]
  const detail = `${title}.`
  return {
    type: `/errors/${code}`,
    title,
    status,
    code,
    detail,
    ...(code === 'invalid-request' && { errors: [{ field: 'to', message: 'is required' }] }),
    requestId: '0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11-4x',
    message: detail,
  }
}
