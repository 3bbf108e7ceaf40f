import { z } from 'zod'
import { Quoting } from './message-reference.ts'
import { areDistinct, words } from './words.ts'

/** Evolution's schema (2.3.6); WhatsApp itself takes 12. */
const POLL_OPTIONS_MAX = 10

/**
 * `selectableCount`: how many options one person may choose, 0 for any number. The lengths are those of WhatsApp's own
 * forms.
 */
export const PollContent = z.strictObject({
  question: words(255),
  options: z.array(words(100)).min(2).max(POLL_OPTIONS_MAX).refine(areDistinct, 'must differ from each other'),
  selectableCount: z.int().min(0).max(POLL_OPTIONS_MAX).default(1),
  ...Quoting,
})
export type PollContent = Readonly<z.infer<typeof PollContent>>
