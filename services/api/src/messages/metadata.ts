import { z } from 'zod'

const ENTRIES_MAX = 20

/** The caller's own name for a message. */
export const Reference = z.string().min(1).max(256)

/** A name becomes a name of a field in the database, where some characters mean something. */
const Name = z.string().regex(/^[A-Za-z][\w:-]{0,63}$/)

const NAMES = 'names must be 1 to 64 letters, digits, "_", "-" or ":", the first one a letter'

const Entries = z
  .record(Name, z.string().max(500), { error: (issue) => (issue.code === 'invalid_key' ? NAMES : undefined) })
  .refine((entries) => Object.keys(entries).length <= ENTRIES_MAX, `must have at most ${ENTRIES_MAX} entries`)

/** The caller's own facts about a message: echoed, never read. */
export const Metadata = withoutProto(Entries, NAMES)

/** A record drops this one name without a word. */
export function withoutProto<T>(entries: z.ZodType<T>, fault: string) {
  return z
    .unknown()
    .superRefine((value, ctx) => {
      if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))
        ctx.addIssue({ code: 'custom', path: ['__proto__'], message: fault })
    })
    .pipe(entries)
    .meta({ override: ({ jsonSchema }) => Object.assign(jsonSchema, jsonSchemaOf(entries)) })
}

/** For the OpenAPI document, which cannot see past "unknown". */
function jsonSchemaOf(schema: z.ZodType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
