import { z } from 'zod'
import { MessageReference } from './message-reference.ts'

/** An emoji at a message of the chat; an empty one takes it back. */
export const ReactionContent = z.strictObject({
  target: MessageReference,
  emoji: z.string().max(64).refine(isOneEmoji, 'must be one emoji, or empty to take the reaction back'),
})
export type ReactionContent = Readonly<z.infer<typeof ReactionContent>>

/** As Evolution counts them: what is seen as one sign, whatever it is made of. */
function isOneEmoji(text: string): boolean {
  if (text === '') return true
  const [first, second] = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)
  return first !== undefined && second === undefined && /\p{Emoji}/u.test(text) && !/^[\d#*]$/.test(text)
}
