import { type Country, type PhoneNumber, parsePhoneNumber } from '@whatsapp-sender/contract'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'

const RECENT_MAX = 20_000
/** Nobody needs more to write a number, blanks included; what is remembered must not be as long as a body. */
const LENGTH_MAX = 40

/** A zod string that becomes a `PhoneNumber`. Recent numbers are remembered: parsing one costs as much as all the rest. */
export function createRecipientSchema(defaultCountry: Country) {
  const recent = new LRUCache<string, PhoneNumber>({ max: RECENT_MAX })
  return z.string().transform((input, ctx): PhoneNumber => {
    const text = input.length > LENGTH_MAX ? '' : input.trim()
    const known = recent.get(text)
    if (known !== undefined) return known
    const parsed = parsePhoneNumber(text, defaultCountry)
    if (parsed === undefined) {
      ctx.addIssue('must be a phone number, such as +5511999991000')
      return z.NEVER
    }
    recent.set(text, parsed)
    return parsed
  })
}

export type RecipientSchema = ReturnType<typeof createRecipientSchema>
