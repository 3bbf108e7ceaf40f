import { z } from 'zod'
import { FileAddress } from './media-content.ts'
import { words } from './words.ts'

/** Ours, so that a record holds them. WhatsApp takes 257. */
export const CONTACTS_MAX = 50

/** A line break would begin another line of the card. */
function line(lengthMax: number) {
  return words(lengthMax).refine((text) => !/[\r\n]/.test(text), 'must be one line')
}

/** A card. `phone` is E.164 of ten digits at least: Evolution takes no shorter ones (its schema, 2.3.6). */
export const Contact = z.strictObject({
  name: line(200),
  phone: z.string().regex(/^\+\d{10,15}$/, 'must be a phone number of at least 10 digits, such as +5511999991000'),
  organization: line(200).optional(),
  email: z.email().max(254).optional(),
  url: FileAddress.optional(),
})
export type Contact = Readonly<z.infer<typeof Contact>>

/** One card, or several in one message. */
export const ContactsContent = z.strictObject({ contacts: z.array(Contact).min(1).max(CONTACTS_MAX) })
export type ContactsContent = Readonly<z.infer<typeof ContactsContent>>
