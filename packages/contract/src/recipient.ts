import { digitsOf, isPhoneNumber, type PhoneNumber } from './phone-number.ts'

declare const jid: unique symbol
/** A chat of WhatsApp that no telephone number names: a group, or a person whose number is hidden (`@lid`). */
export type Jid = string & { readonly [jid]: true }

/** Whom a message goes to. */
export type Recipient = PhoneNumber | Jid

/** A group is `<id>@g.us`, an older one `<number of its maker>-<time>@g.us`. */
const JID = /^(\d{5,25}(-\d{5,15})?@g\.us|\d{5,20}@lid)$/

export function isJid(value: string): value is Jid {
  return JID.test(value)
}

/** Proves a stored or decoded string. */
export function isRecipient(value: string): value is Recipient {
  return isPhoneNumber(value) || isJid(value)
}

/** As Evolution API wants it: digits of a number, a JID as it is. */
export function addressOf(recipient: Recipient): string {
  return isPhoneNumber(recipient) ? digitsOf(recipient) : recipient
}
