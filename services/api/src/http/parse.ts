import type { Request } from 'express'
import type { z } from 'zod'
import { type FieldFault, ProblemError } from './problem.ts'

/** @throws {ProblemError} 400 naming every faulty field, 415 when the body is not JSON */
export function parseBody<T>(schema: z.ZodType<T>, req: Request): T {
  if (req.body === undefined && hasBody(req)) {
    throw new ProblemError('unsupported-media-type', 'The body must be sent as application/json.')
  }
  return parse(schema, req.body ?? {})
}

/** Refuses what the route does not know, too: a filter that is ignored answers another question. */
export function parseQuery<T>(schema: z.ZodType<T>, req: Request): T {
  return parse(schema, req.query)
}

export function parseParams<T>(schema: z.ZodType<T>, req: Request): T {
  return parse(schema, req.params)
}

/** @throws {ProblemError} 400 naming every faulty field */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.flatMap(faultsOf).slice(0, 50)
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
  throw new ProblemError('invalid-request', detail.slice(0, 1000), { errors })
}

function faultsOf(issue: z.core.$ZodIssue): FieldFault[] {
  const path = issue.path.map(String)
  if (issue.code !== 'unrecognized_keys') return [{ field: path.join('.') || 'body', message: issue.message }]
  return issue.keys.map((key) => ({ field: [...path, key.slice(0, 100)].join('.'), message: 'is not a known field' }))
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
}
