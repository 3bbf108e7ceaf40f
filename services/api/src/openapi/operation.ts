import type { z } from 'zod'
import type { ProblemCode } from '../http/problem.ts'
import type { Permission } from '../permissions.ts'

/**
 * What the OpenAPI document says of one route. The schemas are those that the route parses with; only those of its answers
 * are made for the document. How to write one: docs/openapi.md.
 */
export type Operation = Readonly<{
  /** What clients call it: a verb and a noun, unlike every other. */
  id: string
  summary: string
  /** What the summary leaves open, for whoever calls it. Markdown. */
  description?: string
  /** Who may call it: anybody, Evolution API with its secret, or whoever has this permission. */
  caller: 'anybody' | 'evolution' | Permission
  /** Keys that are limited to certain instances may call it, too. */
  perInstance?: true
  params?: Fields
  query?: Fields
  /** A value for each path parameter, and for those of the query that are worth showing. */
  exampleOf?: Readonly<Record<string, string>>
  headers?: readonly RequestHeader[]
  body?: OperationBody
  /** By status: what is no problem. */
  answers: Readonly<Record<number, OperationAnswer>>
  /** Codes besides those that every route of its kind answers with (`problemCodesOf`). */
  problems?: readonly ProblemCode[]
}>

type Fields = z.ZodObject<Readonly<Record<string, z.ZodType>>>

export type RequestHeader = 'Idempotency-Key' | 'Last-Event-ID' | 'Prefer'

export type OperationBody = Readonly<{
  /** Left out: JSON. */
  type?: 'application/json' | 'multipart/form-data' | 'text/csv'
  schema: z.ZodType
  /** By name, in lower case; the first is what is shown and tried first. Each works as it is. */
  examples: Readonly<Record<string, unknown>>
  /** The route has a use for a call without one. */
  isOptional?: true
}>

export type OperationAnswer = Readonly<{
  description: string
  /** Of JSON; left out with all else: there is no body. */
  schema?: z.ZodType
  example?: unknown
  /** Other media types, with an example of each. */
  otherTypes?: Readonly<Record<string, string>>
  headers?: readonly ('Location' | 'Idempotent-Replayed' | 'Preference-Applied')[]
}>

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** Path, as the table of routes has it, to method to what is said of it. */
export type Operations = Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>
