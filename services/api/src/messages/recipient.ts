import {
  type Country,
  isJid,
  isPhoneNumber,
  type PhoneNumber,
  parsePhoneNumber,
  type Recipient,
} from '@whatsapp-sender/contract'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'

const RECENT_MAX = 20_000
/** Nobody needs more to write a number, blanks included, or a JID; what is remembered must not be as long as a body. */
const LENGTH_MAX = 48

/**
 * A zod string that becomes a `Recipient`: a number as people write it, or a JID as it is. Recent numbers are remembered:
 * parsing one costs as much as all the rest.
 */
export function createRecipientSchema(defaultCountry: Country) {
  const recent = new LRUCache<string, PhoneNumber>({ max: RECENT_MAX })
  const schema = z.string().transform((input, ctx): Recipient => {
    const text = input.length > LENGTH_MAX ? '' : input.trim()
    const known = recent.get(text)
    if (known !== undefined) return known
    if (isJid(text)) return text
    const parsed = parsePhoneNumber(text, defaultCountry)
    if (parsed === undefined) {
      ctx.addIssue(text.includes('@') ? NO_JID : NO_NUMBER)
      return z.NEVER
    }
    recent.set(text, parsed)
    return parsed
  })
  return schema.describe(`${NUMBER} Or a JID, where that is allowed.`)
}

const NUMBER = 'A phone number: E.164, or as people of the default country write it.'
const NO_NUMBER = 'must be a phone number, such as +5511999991000'
const NO_JID = 'must be a group (<id>@g.us), a hidden number (<id>@lid) or a phone number'

/** The same where only a number will do. */
export function numbersOnly(recipient: RecipientSchema) {
  const schema = recipient.transform((value, ctx): PhoneNumber => {
    if (isPhoneNumber(value)) return value
    ctx.addIssue(NO_NUMBER)
    return z.NEVER
  })
  return schema.describe(NUMBER)
}

export type PhoneNumberSchema = ReturnType<typeof numbersOnly>

export type RecipientSchema = ReturnType<typeof createRecipientSchema>
