import type { Request } from 'express'
import type { z } from 'zod'
import { type FieldFault, invalidRequest } from './problem.ts'

/** @throws {ProblemError} 400 naming every faulty field */
export function parseBody<T>(schema: z.ZodType<T>, req: Request): T {
  return parse(schema, req.body ?? {})
}

/** Refuses what the route does not know, too: a filter that is ignored answers another question. */
export function parseQuery<T>(schema: z.ZodType<T>, req: Request): T {
  return parse(schema, req.query)
}

export function parseParams<T>(schema: z.ZodType<T>, req: Request): T {
  return parse(schema, req.params)
}

/**
 * @param callersNames how the caller wrote a field that the schema calls otherwise
 * @throws {ProblemError} 400 naming every faulty field
 */
export function parse<T>(schema: z.ZodType<T>, value: unknown, callersNames: Readonly<Record<string, string>> = {}): T {
  const parsed = parseOrFaults(schema, value, callersNames)
  if (parsed.faults === undefined) return parsed.data
  throw invalidRequest(parsed.faults)
}

export type Parsed<T> = Readonly<{ data: T; faults?: never } | { data?: never; faults: readonly FieldFault[] }>

/** The same without throwing, for one of many. */
export function parseOrFaults<T>(
  schema: z.ZodType<T>,
  value: unknown,
  callersNames: Readonly<Record<string, string>> = {},
): Parsed<T> {
  const result = schema.safeParse(value, REQUIRED)
  if (result.success) return { data: result.data }
  return { faults: result.error.issues.flatMap((issue) => faultsOf(issue, callersNames)).slice(0, 50) }
}

const REQUIRED: z.core.ParseContext<z.core.$ZodIssue> = {
  error: ({ input }) => (input === undefined ? 'is required' : undefined),
}

function faultsOf(issue: z.core.$ZodIssue, callersNames: Readonly<Record<string, string>>): FieldFault[] {
  const path = issue.path.map((part) => nameOf(String(part), callersNames))
  if (issue.code !== 'unrecognized_keys') return [{ field: path.join('.') || 'body', message: issue.message }]
  return issue.keys.map((key) => ({ field: [...path, key.slice(0, 100)].join('.'), message: 'is not a known field' }))
}

/** Own names only: a field may be called `constructor`. */
function nameOf(field: string, callersNames: Readonly<Record<string, string>>): string {
  return (Object.hasOwn(callersNames, field) ? callersNames[field] : undefined) ?? field
}
