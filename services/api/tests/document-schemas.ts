import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { z } from 'zod'
import { DOCUMENT_FILE } from '../src/openapi/document-file.ts'

const Content = z.record(
  z.string(),
  z.object({
    schema: z.unknown().optional(),
    example: z.unknown().optional(),
    examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
  }),
)

const Response = z.object({ content: Content.optional(), headers: z.record(z.string(), z.unknown()).optional() })
const Reference = z.object({ $ref: z.string() })

const Parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  schema: z.unknown(),
  example: z.unknown().optional(),
  required: z.boolean().optional(),
})

const Operation = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(z.union([Parameter, Reference])).default([]),
  requestBody: z.object({ required: z.boolean().optional(), content: Content }).optional(),
  responses: z.record(z.string(), z.union([Reference, Response])),
})

/** As much of an OpenAPI document as tests look at. */
const Document = z.object({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  webhooks: z.record(z.string(), z.object({ post: z.object({ requestBody: z.object({ content: Content }) }) })),
  components: z.object({
    responses: z.record(z.string(), Response),
    parameters: z.record(z.string(), Parameter),
    schemas: z.record(z.string(), z.unknown()),
  }),
})
export type DescribedOperation = Readonly<
  z.infer<typeof Operation> & { path: string; method: string; pointer: string; takes: z.infer<typeof Parameter>[] }
>

/** The document that the API serves, and what fits its schemas. */
export async function readDocument() {
  const json: unknown = JSON.parse(await readFile(DOCUMENT_FILE, 'utf8'))
  const document = Document.parse(json)
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false })
  formats.default(ajv)
  ajv.addSchema(Object(closed(json)), 'document')

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]): DescribedOperation => ({
        ...operation,
        path,
        method,
        pointer: `/paths/${escaped(path)}/${method}`,
        takes: operation.parameters.flatMap((parameter) => parameterOf(parameter) ?? []),
      }),
    ),
  )

  function parameterOf(parameter: z.infer<typeof Parameter> | z.infer<typeof Reference>) {
    return '$ref' in parameter ? document.components.parameters[lastOf(parameter.$ref)] : parameter
  }

  return {
    operations,
    /** By the type of the event. */
    webhooks: document.webhooks,
    /** Of a status, wherever it is written down. */
    responseOf: ({ pointer, responses }: DescribedOperation, status: number) => {
      const response = responses[status]
      if (response === undefined) return undefined
      if (!('$ref' in response)) return { ...response, pointer: `${pointer}/responses/${status}` }
      const shared = document.components.responses[lastOf(response.$ref)]
      return shared && { ...shared, pointer: response.$ref.slice(1) }
    },
    /** Why a value does not fit the schema at a place of the document, if it does not. */
    faultOf: (pointer: string, value: unknown): string | undefined => {
      const fits = ajv.compile({ $ref: `document#${pointer}` })
      return fits(value) ? undefined : ajv.errorsText(fits.errors)
    },
  }
}

/** A part of a JSON pointer, within a URL. */
export function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function lastOf(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf('/') + 1)
}

/** Clients must bear with fields that are new. Tests must not: what is not described is forgotten. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, closed(part)]))
  const isOpen = inner['type'] === 'object' && 'properties' in inner && !('additionalProperties' in inner)
  return isOpen ? { ...inner, additionalProperties: false } : inner
}
