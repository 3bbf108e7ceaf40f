import { z } from 'zod'
import { CURSOR_FAULT } from '../place-cursor.ts'

/** `?limit=&cursor=`; the cursor is the `next` of the page before. */
export const PageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a number from 1 to 100')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, 'must be a number from 1 to 100')
    .default(50),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, CURSOR_FAULT)
    .optional(),
})
