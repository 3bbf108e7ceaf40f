import { z } from 'zod'
import type { Schema } from '../src/schema/structural-schema.ts'
import { RULES_KEY } from '../src/spec/with-rules.ts'

const Rules = z.array(z.object({ message: z.string(), fieldPath: z.string().default('') })).default([])

/** Every rule of a schema, as `field: message`, wherever it stands. */
export function rulesOf(schema: Schema, path = ''): readonly string[] {
  const { properties = {}, items, additionalProperties: values } = schema
  return [
    ...Rules.parse(schema[RULES_KEY]).map(({ message, fieldPath }) => `${`${path}${fieldPath}`.slice(1)}: ${message}`),
    ...Object.entries(properties).flatMap(([name, property]) => rulesOf(property, `${path}.${name}`)),
    ...(items === undefined ? [] : rulesOf(items, `${path}[]`)),
    ...(typeof values === 'object' ? rulesOf(values, `${path}.*`) : []),
  ]
}
