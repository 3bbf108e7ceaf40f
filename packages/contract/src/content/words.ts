import { z } from 'zod'

/**
 * A text of 1 to `lengthMax` characters that shows something. U+0000 is refused: Evolution sends such a message, and then
 * fails on its database (recorded, Evolution API 2.3.6).
 */
export function words(lengthMax: number) {
  return z
    .string()
    .max(lengthMax)
    .refine((text) => !text.includes('\0'), 'must not contain U+0000')
    .refine((text) => /\S/.test(text), 'must not be blank')
}

/** E.164. */
export const E164 = z.string().regex(/^\+\d{7,15}$/, 'must be a phone number, such as +5511999991000')

/** A name for a choice that comes back in the answer of whoever takes it. Meta's API: 200 in lists, 256 in buttons. */
export const ChoiceId = words(200)

/** True when no two are the same. */
export function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}
