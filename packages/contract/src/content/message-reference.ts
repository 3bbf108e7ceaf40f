import { z } from 'zod'
import { E164 } from './words.ts'

/** Ours, so that a record stays small. WhatsApp itself names no limit. */
export const MENTIONS_MAX = 100

/**
 * A message as WhatsApp knows it. `remoteJid` is the chat it is in; left out, the chat with the recipient. `fromMe`: the
 * instance itself sent it; left out, the other side did.
 */
const ProviderKey = z.strictObject({
  /** WhatsApp's ids have about 20 characters, Meta's up to 200. */
  id: z.string().regex(/^[\w.:=+/-]{1,256}$/, 'must be an id of WhatsApp'),
  remoteJid: z
    .string()
    .regex(/^\d{5,20}@(s\.whatsapp\.net|lid)$/, 'must be a chat with one person, such as 5511999991000@s.whatsapp.net')
    .optional(),
  fromMe: z.boolean().default(false),
})

/** An earlier message: by the id it has here, when this instance sent it, or by WhatsApp's key. */
export const MessageReference = z.union([z.uuid().toLowerCase(), ProviderKey], {
  error: ({ input }) =>
    input === undefined
      ? 'is required'
      : 'must be the id of an earlier message, or {id, remoteJid?, fromMe?} of WhatsApp',
})
export type MessageReference = z.infer<typeof MessageReference>

/** Whom a text calls by name: everyone in the chat, or these. In the text they stand as `@` and the digits. */
export const Mentions = z.union([z.literal('everyone'), z.array(E164).min(1).max(MENTIONS_MAX)])
export type Mentions = z.infer<typeof Mentions>

/** What nearly every kind may say besides its content: the message that it answers. */
export const Quoting = { quoted: MessageReference.optional() }
