import type { CreateDocumentOptions } from 'zod-openapi'

type Override = Extract<NonNullable<CreateDocumentOptions['override']>, (...args: never[]) => void>

/** What a reader of the document does not need of a schema is taken out of it. */
export const plainer: Override = ({ jsonSchema, io }) => {
  // `format` says it; the pattern is longer than all the rest.
  if (jsonSchema.format !== undefined && FORMATS.has(jsonSchema.format)) delete jsonSchema.pattern
  // Fields may be added to answers.
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

const FORMATS: ReadonlySet<string> = new Set(['date', 'date-time', 'email', 'uuid'])
