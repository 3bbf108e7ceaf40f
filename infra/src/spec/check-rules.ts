import { evaluate } from '@marcbachmann/cel-js'
import { z } from 'zod'
import type { Schema } from '../schema/structural-schema.ts'
import { RULES_KEY } from './with-rules.ts'

/** A rule that does not hold. `path` begins at the value that was given, such as `spec.kafka.mode`. */
export type RuleFault = Readonly<{ path: string; message: string }>

/**
 * Evaluates the rules of a structural schema, as the API server does: for what the command line is given, and for a
 * cluster that has an older definition.
 * @param before the value before a change; left out: it is made
 */
export function checkRules(
  schema: Schema,
  { value, before, path }: Readonly<{ value: unknown; before?: unknown; path: string }>,
): readonly RuleFault[] {
  if (value === undefined) return []
  const own = rulesOf(schema).filter(({ rule }) => !rule.includes('oldSelf') || before !== undefined)
  const faults = own
    .filter(({ rule }) => evaluate(rule, { self: celValue(value), oldSelf: celValue(before) }) !== true)
    .map(({ message, fieldPath }) => ({ path: `${path}${fieldPath}`, message }))
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    checkRules(property, { value: member(value, name), before: member(before, name), path: `${path}.${name}` }),
  )
  return [...faults, ...below]
}

const Rules = z.array(z.object({ rule: z.string(), message: z.string(), fieldPath: z.string().default('') }))

function rulesOf(schema: Schema): z.infer<typeof Rules> {
  return Rules.parse(schema[RULES_KEY] ?? [])
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** In CEL a JavaScript number is a double, and whole numbers are another type. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(entries.map(([key, inner]) => [key, celValue(inner)]))
}
