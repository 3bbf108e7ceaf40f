import { randomBytes, randomInt } from 'node:crypto'

/** Words that must be seen nowhere, and how to put them in the place of what people write. */
export type Canary = ReturnType<typeof createCanary>

/** Where there is room for what people write, by the names of fields; also of all that is below them. */
const WORDED: ReadonlySet<string> = new Set([
  'text',
  'caption',
  'message',
  'fullname',
  'password',
  'currentPassword',
  'newPassword',
  'apiKey',
  'reference',
  'metadata',
  'template',
  'variables',
  'question',
  'options',
  'title',
  'description',
  'organization',
  'address',
  'name',
  'fileName',
  'reason',
  'url',
])
/** Of at most 20 characters. */
const SHORT: ReadonlySet<string> = new Set(['buttonText', 'buttons'])
/** Names of instances and servers, which may be told; a reason that is a code; an address that takes no query. */
const KEPT = /^(sales|practice|support|till|second|not-on-whatsapp|https:\/\/evolution\..*)$/

const SECRET_NAMES = /token$|secret|^key$|pairing|qr/i
const SECRET_LENGTH_MIN = 12

export function createCanary() {
  const word = `cnry${randomBytes(5).toString('hex')}`
  /** In the middle of every number; the last four digits may be seen. */
  const digits = `98${randomInt(1000).toString().padStart(3, '0')}`
  const number = new RegExp(`(?:55)?\\D{0,2}11\\D{0,2}${digits}\\D?\\d{4}`)
  const secrets = new Set<string>([word, word.toUpperCase(), ...inBase64(word)])

  const alterText = (text: string): string =>
    text
      .replaceAll(/5511\d{5}(\d{4})/g, `5511${digits}$1`)
      .replaceAll(/\b(ana|bob)@example\.com\b/g, `$1.${word}@example.com`)
      .replaceAll(/^(tiny horse eats 9 pears|the old bridge hums at 4)$/g, `$1 ${word}`)

  function alter(value: unknown, name = '', worded = false): unknown {
    if (Array.isArray(value)) return value.map((item) => alter(item, name, worded))
    if (value instanceof FormData) return value
    if (typeof value === 'object' && value !== null) {
      const isEncoded = 'is_message_base64' in value
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          isEncoded && key === 'message'
            ? encoded(String(inner))
            : alter(inner, SHORT.has(name) ? name : key, worded || WORDED.has(key)),
        ]),
      )
    }
    return typeof value === 'string' ? wordInto(value, name, worded) : value
  }

  function wordInto(text: string, name: string, worded: boolean): string {
    const altered = alterText(text)
    // A file of rows, the one body that is a text.
    if (name === '') return altered.replaceAll(/,(Ana|Bia)$/gm, `,$1 ${word}`)
    if (altered !== text || KEPT.test(text)) return altered
    if (SHORT.has(name)) return /^[a-z]+$/.test(text) ? text : `${text.slice(0, 4)} ${word}`
    if (!worded) return text
    if (name === 'url') return `${text}?token=${word}`
    return name === 'apiKey' || name === 'fileName' ? `${word}${text}` : `${text} ${word}`
  }

  function encoded(base64: string): string {
    return Buffer.from(`${Buffer.from(base64, 'base64').toString()} ${word}`).toString('base64')
  }

  return {
    word,
    /** A number of which the last four digits choose what becomes of a message. */
    numberOf: (ending: string) => `+5511${digits}${ending}`,
    alterText,
    alterBody: (body: unknown) => alter(body),
    /** Whatever an answer gives to its reader alone is one more word that must be seen nowhere. */
    learn: (answer: unknown): void => {
      for (const secret of secretsOf(answer)) secrets.add(secret)
    },
    /** The pieces of a text in which one of them is, each with some of what stands around it. */
    findIn: (text: string): string[] => {
      const places = [...secrets].map((secret) => text.indexOf(secret)).concat(number.exec(text)?.index ?? -1)
      return places.filter((at) => at >= 0).map((at) => text.slice(Math.max(0, at - 200), at + 100))
    },
    isIn(text: string): boolean {
      return number.test(text) || [...secrets].some((secret) => text.includes(secret))
    },
  }
}

/** What a text looks like within something that is encoded as a whole, wherever it begins. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.from(`${'x'.repeat(before)}${text}`).toString('base64')
    return whole.slice(Math.ceil((before * 8) / 6), -4)
  })
}

function secretsOf(value: unknown, name = ''): string[] {
  if (typeof value === 'string') {
    return SECRET_NAMES.test(name) && value.length >= SECRET_LENGTH_MIN ? [value] : []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => secretsOf(inner, Array.isArray(value) ? name : key))
}
