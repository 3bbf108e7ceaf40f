import { z } from 'zod'
import type { KubernetesObject } from './kubernetes-object.ts'
import { RULES_KEY } from './spec/with-rules.ts'

const Field: z.ZodType<FieldSchema> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    required: z.array(z.string()).optional(),
    properties: z.record(z.string(), Field).optional(),
    items: Field.optional(),
    [RULES_KEY]: z.array(z.object({ message: z.string() })).optional(),
  }),
)

type FieldSchema = {
  type?: string | undefined
  description?: string | undefined
  default?: unknown
  enum?: unknown[] | undefined
  minimum?: number | undefined
  maximum?: number | undefined
  required?: string[] | undefined
  properties?: Record<string, FieldSchema> | undefined
  items?: FieldSchema | undefined
  [RULES_KEY]?: { message: string }[] | undefined
}

const Definition = z.looseObject({
  spec: z.looseObject({
    names: z.looseObject({ kind: z.string(), shortNames: z.array(z.string()) }),
    versions: z.array(
      z.looseObject({
        schema: z.looseObject({
          openAPIV3Schema: z.looseObject({
            description: z.string(),
            properties: z.looseObject({ spec: Field, status: Field }),
          }),
        }),
      }),
    ),
  }),
})

const HEAD = `# Custom resources

Made by \`npm run crds -w infra\` from \`infra/src/spec\`. A field without a default, and not marked as required, may be left out. \`kubectl explain was.spec.kafka\` says the same in a cluster.
`

/** The page that lists every field of the custom resources, with its range, default and meaning. */
export function referencePage(definitions: readonly KubernetesObject[]): string {
  return [HEAD, ...definitions.map(sectionOf)].join('\n')
}

function sectionOf(definition: KubernetesObject): string {
  const { spec } = Definition.parse(definition)
  const { kind, shortNames } = spec.names
  const schema = spec.versions[0]?.schema.openAPIV3Schema
  if (schema === undefined) throw new Error(`${kind} has no version`)
  const { spec: wanted, status } = schema.properties
  return [
    `## ${kind}\n\n${schema.description} Short name: \`${shortNames.join('`, `')}\`.\n`,
    `### spec\n\n${table(rowsOf(wanted, 'spec'))}\n`,
    `### Refused\n\n${rulesOf(wanted)
      .map((message) => `- ${message}`)
      .join('\n')}\n`,
    `### status\n\n${table(rowsOf(status, 'status'))}\n`,
  ].join('\n')
}

type Row = readonly [field: string, type: string, fallback: string, meaning: string]

function table(rows: readonly Row[]): string {
  return [
    '| field | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}

function rowsOf({ properties = {}, required = [] }: FieldSchema, path: string): Row[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const here = `${path}.${name}`
    const row: Row = [`\`${here}\``, typeOf(field), defaultOf(field, required.includes(name)), field.description ?? '']
    return [row, ...rowsOf(field, here), ...(field.items === undefined ? [] : rowsOf(field.items, `${here}[]`))]
  })
}

function typeOf({ type = 'any', enum: values, minimum, maximum, items }: FieldSchema): string {
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(', ')
  if (type === 'array') return `list of ${items?.type ?? 'any'}`
  if (minimum !== undefined && maximum !== undefined) return `${type}, ${minimum} to ${maximum}`
  return type
}

function defaultOf({ default: value, properties }: FieldSchema, isRequired: boolean): string {
  if (isRequired) return 'required'
  return value === undefined || properties !== undefined ? '' : `\`${JSON.stringify(value)}\``
}

function rulesOf({ [RULES_KEY]: rules = [], properties = {} }: FieldSchema): string[] {
  const own = rules.map(({ message }) => message)
  return [...new Set([...own, ...Object.values(properties).flatMap(rulesOf)])]
}
