import { z } from 'zod'

/** People read it in lists: nothing in it may break the line or turn the text around it. */
export const PlainLine = z
  .string()
  .trim()
  .min(1)
  .regex(/^[^\p{Cc}\p{Bidi_Control}\u2028\u2029]*$/u, 'must not have control characters')
