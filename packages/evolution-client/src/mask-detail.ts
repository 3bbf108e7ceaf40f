const LENGTH_MAX = 500
/** Longer input is cut before the patterns run over it. */
const READ_MAX = 16_384

/**
 * What Evolution said, fit to be stored and shown: at most 500 characters, numbers reduced to their last four digits, no
 * tokens, addresses, paths, control characters or lines of source code (Prisma prints some).
 * @param withheld exact strings that must not be repeated: keys, the text of the message
 */
export function maskDetail(text: string, withheld: readonly string[] = []): string {
  let masked = text.slice(0, READ_MAX)
  for (const secret of withheld) if (secret.length >= 4) masked = masked.replaceAll(secret, '<withheld>')
  masked = masked
    .split(/[\r\n]+/)
    .filter((line) => !SOURCE_LINE.test(line))
    .join(' ')
  for (const [pattern, replacement] of MASKS) masked = masked.replace(pattern, replacement)
  masked = masked.replace(NUMBER, (digits) => `…${digits.replace(/\D/g, '').slice(-4)}`)
  return masked.trim().slice(0, LENGTH_MAX).toWellFormed()
}

/** Numbered lines of a code frame, stack frames, and statements. */
const SOURCE_LINE =
  /^\s*(?:(?:→|>)?\s*\d+\s*(?:\||\s|$)|at\s|[})\]]|(?:const|let|var|await|return|async|if|import)\b)|=>|[{;]\s*$/

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/[\p{Cc}\u2028\u2029]+/gu, ' '],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/\S+/gi, '<address>'],
  [/[^\s@<>"']{1,64}@[a-z0-9.-]{1,255}/gi, '<address>'],
  [/(?:\/[\w.@-]+){2,}(?::\d+)*/g, '<path>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?/g, '<address>'],
  [/\b[a-z][\w.-]{0,100}:\d{2,5}\b/gi, '<address>'],
  [/\b(?=[\w+/=-]{0,200}\d)[\w+/=-]{24,}/g, '<token>'],
  [/[\w+/=-]{60,}/g, '<token>'],
]

const NUMBER = /\+?\d(?:[\s().-]{0,2}\d){6,}/g
