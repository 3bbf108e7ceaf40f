import { z } from 'zod'
import { Mentions, Quoting } from './message-reference.ts'

/** WhatsApp shows at most this many characters of a text; Meta's API refuses more. */
export const TEXT_LENGTH_MAX = 4096

export const PlainText = z.object({
  text: z.string().min(1).max(TEXT_LENGTH_MAX),
})

/** `linkPreview`: whether the first address in the text is shown as a card; left out, Evolution decides. */
export const TextContent = z.strictObject({
  ...PlainText.shape,
  linkPreview: z.boolean().optional(),
  mentions: Mentions.optional(),
  ...Quoting,
})
export type TextContent = Readonly<z.infer<typeof TextContent>>

/** Has nothing but its text, as every reader of records knows it. */
export function isPlainText(content: Readonly<Record<string, unknown>>): boolean {
  for (const name in content) if (name !== 'text' && content[name] !== undefined) return false
  return true
}
