import { z } from 'zod'
import { RULES_KEY } from '../spec/with-rules.ts'

/** A schema as Kubernetes wants it: OpenAPI 3.0, structural, with its own extensions. */
export type Schema = Readonly<{
  properties?: Readonly<Record<string, Schema>> | undefined
  items?: Schema | undefined
  additionalProperties?: Schema | boolean | undefined
  [key: string]: unknown
}>

/** Of what a user writes: fields with defaults are optional. Rules in CEL stand where they were set. */
export function structuralSchema(schema: z.ZodType): Schema {
  return structural(SchemaShape.parse(z.toJSONSchema(schema, { io: 'input', target: 'openapi-3.0' })))
}

/** The same for tools that know JSON Schema and no CEL, such as Helm: unknown fields are refused there. */
export function valuesSchema(schema: z.ZodType): Schema {
  return plain(SchemaShape.parse(z.toJSONSchema(schema, { io: 'input', target: 'draft-07' })))
}

export const SchemaShape: z.ZodType<Schema> = z.looseObject({
  properties: z
    .record(
      z.string(),
      z.lazy(() => SchemaShape),
    )
    .optional(),
  items: z.lazy(() => SchemaShape).optional(),
  additionalProperties: z.union([z.boolean(), z.lazy(() => SchemaShape)]).optional(),
})

/** Kubernetes prunes unknown fields itself, and lets a schema say so only where no field is known. */
const DROPPED = new Set(['$schema', 'propertyNames', 'id'])

function structural(schema: Schema): Schema {
  const { additionalProperties, ...rest } = withWholeDefault(walked(schema, structural))
  return typeof additionalProperties === 'object' ? { ...rest, additionalProperties } : rest
}

/** The API server checks a default by the rules at its place as it stands, without the defaults below it. */
function withWholeDefault(schema: Schema): Schema {
  const { default: own, properties = {} } = schema
  if (typeof own !== 'object' || own === null || Array.isArray(own)) return schema
  const below = Object.entries(properties).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return { ...schema, default: { ...Object.fromEntries(below), ...own } }
}

function plain(schema: Schema): Schema {
  const { [RULES_KEY]: _rules, ...rest } = walked(schema, plain)
  return rest
}

function walked(schema: Schema, walk: (schema: Schema) => Schema): Schema {
  const { properties, items, additionalProperties, ...rest } = schema
  const kept = Object.entries(rest).filter(([key, value]) => !DROPPED.has(key) && !isSafeIntegerBound(key, value))
  return {
    ...Object.fromEntries(kept),
    ...(properties && { properties: mapped(properties, walk) }),
    ...(items && { items: walk(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean' ? additionalProperties : walk(additionalProperties),
    }),
  }
}

function mapped(properties: Readonly<Record<string, Schema>>, walk: (schema: Schema) => Schema) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, walk(schema)]))
}

/** What zod says of every integer, and nobody means. */
function isSafeIntegerBound(key: string, value: unknown): boolean {
  return (key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER
}
