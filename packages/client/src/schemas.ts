import type { components } from './api.generated.ts'

/** What the document has a name for, such as `Schemas['Message']`. */
export type Schemas = components['schemas']
