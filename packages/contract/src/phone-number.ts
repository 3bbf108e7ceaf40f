import {
  isSupportedCountry,
  type CountryCode as LibraryCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import { z } from 'zod'

declare const phoneNumber: unique symbol
/** E.164: `+` and 7 to 15 digits. Made by `parsePhoneNumber` only. */
export type PhoneNumber = string & { readonly [phoneNumber]: true }

export type Country = LibraryCountry

/** ISO 3166 alpha-2 code of a country with a known numbering plan. */
export function isCountry(value: string): value is Country {
  return isSupportedCountry(value)
}

/** A country as configuration names it. */
export const CountryCode = z.string().transform((text, ctx): Country => {
  if (isCountry(text)) return text
  ctx.addIssue('must be a country code of two letters, such as "BR"')
  return z.NEVER
})

/**
 * Parses a number as people write it. A number without `+` is one of `defaultCountry` if that country has such a number;
 * else its digits have to be a whole international number (as the old clients send them: `5511999991000`).
 * Brazilian mobiles are kept as given, with and without the ninth digit: WhatsApp knows accounts of both forms.
 */
export function parsePhoneNumber(input: string, defaultCountry?: Country): PhoneNumber | undefined {
  const text = input.trim()
  if (text.length > 40 || !/^[+(\d][\d\s().+-]*$/.test(text)) return undefined
  const international = parsePhoneNumberFromString(text.startsWith('+') ? text : `+${text.replace(/^00/, '')}`)
  if (text.startsWith('+')) return accepted(international)
  const national = defaultCountry === undefined ? undefined : parsePhoneNumberFromString(text, defaultCountry)
  return accepted(national) ?? accepted(international)
}

function accepted(parsed: ReturnType<typeof parsePhoneNumberFromString>): PhoneNumber | undefined {
  const e164 = parsed?.number
  if (e164 === undefined || !(parsed?.isValid() || isBrazilianWithoutNinthDigit(e164))) return undefined
  return isPhoneNumber(e164) ? e164 : undefined
}

/** Proves a stored or decoded string; for what people write there is `parsePhoneNumber`. */
export function isPhoneNumber(value: string): value is PhoneNumber {
  return /^\+\d{7,15}$/.test(value)
}

function isBrazilianWithoutNinthDigit(e164: string): boolean {
  const [, area, local] = /^\+55(\d\d)([6-9]\d{7})$/.exec(e164) ?? []
  return parsePhoneNumberFromString(`+55${area}9${local}`)?.isValid() ?? false
}

/** Digits only, as Evolution API wants them. */
export function digitsOf(number: PhoneNumber): string {
  return number.slice(1)
}

/**
 * Every digit form under which WhatsApp may know a number: Brazil's ninth digit, Mexico's 1 and Argentina's 9 come and go.
 * @see https://github.com/EvolutionAPI/evolution-api/blob/2.3.6/src/utils/createJid.ts
 */
export function digitVariantsOf(number: PhoneNumber): readonly string[] {
  const digits = digitsOf(number)
  for (const [withDigit, withoutDigit] of VARIANTS) {
    const long = withDigit.exec(digits)
    if (long) return [digits, `${long[1]}${long[3]}`]
    const short = withoutDigit.exec(digits)
    if (short) return [digits, `${short[1]}${extraDigit(withDigit)}${short[2]}`]
  }
  return [digits]
}

const VARIANTS: readonly (readonly [RegExp, RegExp])[] = [
  [/^(55\d\d)(9)(\d{8})$/, /^(55\d\d)(\d{8})$/],
  [/^(52)(1)(\d{10})$/, /^(52)(\d{10})$/],
  [/^(54)(9)(\d{10})$/, /^(54)(\d{10})$/],
]

function extraDigit(withDigit: RegExp): string {
  return withDigit.source.includes('(1)') ? '1' : '9'
}
