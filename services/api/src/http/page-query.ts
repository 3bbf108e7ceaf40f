import { z } from 'zod'
import { CURSOR_FAULT } from '../place-cursor.ts'

/** `?limit=&cursor=`; the cursor is the `next` of the page before. */
export const PageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a number from 1 to 100')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, 'must be a number from 1 to 100')
    .default(50)
    .meta({ override: ({ jsonSchema }) => asCount(jsonSchema) })
    .describe('Rows of a page.'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, CURSOR_FAULT)
    .optional()
    .describe('The `next` of the page before.'),
})

/** A query is text, and this text is a number. */
function asCount(schema: object): void {
  Object.assign(schema, { type: 'integer', minimum: 1, maximum: 100, default: 50, pattern: undefined })
}
