import { z } from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import type { ProblemCode } from '../http/problem.ts'
import { isScope } from '../permissions.ts'
import type { Operation, OperationAnswer, OperationBody } from './operation.ts'
import { problemCodesOf, statusOf } from './problem-codes.ts'
import { referenceTo } from './request-headers.ts'
import { headersOf, type ResponseHeader } from './response-headers.ts'

/** Where it is said what a status means whose answers have one of these codes. */
export type ProblemAnswer = (status: number, codes: readonly ProblemCode[]) => Readonly<{ $ref: string }>

export function describeOperation(operation: Operation, problemAnswer: ProblemAnswer): ZodOpenApiOperationObject {
  const { id, summary, description, body, headers = [] } = operation
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    security: securityOf(operation),
    requestParams: {
      ...(operation.params && { path: withExamples(operation.params, operation) }),
      ...(operation.query && { query: withExamples(operation.query, operation) }),
    },
    ...(headers.length > 0 && { parameters: headers.map(referenceTo) }),
    ...(body && { requestBody: bodyOf(body) }),
    responses: responsesOf(operation, problemAnswer),
  }
}

function securityOf({ caller }: Operation): Record<string, string[]>[] {
  if (caller === 'anybody') return []
  if (caller === 'evolution') return [{ webhookSecret: [] }]
  return [{ accessToken: [] }, ...(isScope(caller) ? [{ apiKey: [caller] }] : [])]
}

/** The same schemas, each with what it may look like. */
function withExamples(fields: NonNullable<Operation['params']>, { exampleOf = {} }: Operation): z.ZodObject {
  const entries = Object.entries(fields.shape).map(([name, schema]): [string, z.ZodType] => {
    const example = exampleOf[name]
    return [name, example === undefined ? schema : schema.meta({ param: { example } })]
  })
  return z.object(Object.fromEntries(entries))
}

function bodyOf({ type = 'application/json', schema, examples, isOptional }: OperationBody) {
  const named = Object.entries(examples).map(([name, value]): [string, { value: unknown }] => [name, { value }])
  return {
    required: isOptional !== true,
    content: { [type]: { schema, examples: Object.fromEntries(named) } },
  }
}

type Described = [status: string, ZodOpenApiResponseObject | ReturnType<ProblemAnswer>]

function responsesOf(operation: Operation, problemAnswer: ProblemAnswer): ZodOpenApiResponsesObject {
  const codes = problemCodesOf(operation)
  const statuses = [...new Set(codes.map(statusOf))].sort((a, b) => a - b)
  const answers = Object.entries(operation.answers).map(
    ([status, answer]): Described => [status, answerOf(answer, operation)],
  )
  const problems = statuses.map((status): Described => {
    const ofStatus = codes.filter((code) => statusOf(code) === status)
    return [String(status), problemAnswer(status, ofStatus)]
  })
  return Object.fromEntries([...answers, ...problems])
}

function answerOf(
  { description, schema, example, otherTypes = {}, headers = [] }: OperationAnswer,
  { caller }: Operation,
): ZodOpenApiResponseObject {
  const isLimited = caller !== 'anybody' && caller !== 'evolution'
  const common: ResponseHeader[] = ['Request-Id', ...(isLimited ? (['RateLimit', 'RateLimit-Policy'] as const) : [])]
  const content = {
    ...(schema && { 'application/json': { schema, example } }),
    ...Object.fromEntries(
      Object.entries(otherTypes).map(([type, sample]) => [
        type,
        { schema: { type: 'string' as const }, example: sample },
      ]),
    ),
  }
  return {
    description,
    headers: headersOf([...common, ...headers]),
    ...(Object.keys(content).length > 0 && { content }),
  }
}
