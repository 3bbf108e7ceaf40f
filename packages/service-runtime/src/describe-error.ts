import { maskNumber } from './mask-number.ts'

const CAUSES_MAX = 5
const MESSAGE_LENGTH_MAX = 1000
/** The patterns run over no more than this. */
const READ_MAX = 2 * MESSAGE_LENGTH_MAX

/** Type, message, code, stack and cause only: an error of an HTTP client carries headers, body and keys as well. */
export function describeError(err: unknown): unknown {
  if (err instanceof Error) return errorFields(err, CAUSES_MAX)
  return typeof err === 'string' ? withoutQuotes(err) : err
}

function errorFields(err: Error, causesLeft: number): Record<string, unknown> {
  const code = 'code' in err && (typeof err.code === 'string' || typeof err.code === 'number') ? { code: err.code } : {}
  const message = withoutQuotes(err.message)
  return {
    type: err.name,
    message,
    ...code,
    ...(err.stack !== undefined && {
      stack: [`${err.name}: ${message}`, ...framesOf(err.stack, err.message)].join('\n'),
    }),
    ...(err.cause instanceof Error && causesLeft > 0 && { cause: errorFields(err.cause, causesLeft - 1) }),
  }
}

/** The places only: the message stands before them once more, with line breaks anywhere. */
function framesOf(stack: string, message: string): string[] {
  const begin = stack.indexOf(message)
  const rest = begin < 0 ? stack : stack.slice(begin + message.length)
  return rest.split('\n').filter((line) => line.startsWith('    at '))
}

/** Texts of other programs quote freely: numbers, addresses, and the very text that they could not read. */
function withoutQuotes(text: string): string {
  let plain = text.slice(0, READ_MAX)
  for (const { where, pattern, shown } of QUOTES) if (plain.includes(where)) plain = plain.replace(pattern, shown)
  return plain
    .replace(NUMBER, maskNumber)
    .replace(ADDRESS, (address) => (WHATSAPP_ADDRESS.test(address) ? address : '[address]'))
    .slice(0, MESSAGE_LENGTH_MAX)
}

/** Of V8's JSON.parse, of MongoDB's unique indexes, and of mongoose. */
const QUOTES = [
  { where: 'is not valid JSON', pattern: /Unexpected token '.*is not valid JSON/s, shown: 'not valid JSON' },
  { where: 'is not valid JSON', pattern: /".*is not valid JSON/s, shown: 'not valid JSON' },
  { where: 'dup key: {', pattern: /dup key: \{.*\}/s, shown: 'dup key: {…}' },
  { where: 'for value "', pattern: /for value ".*" \(type/s, shown: 'for value "…" (type' },
] as const

/** With a plus as people write it, without one as programs do; the groups of WhatsApp have up to 25 digits. */
const NUMBER = /\+\d(?:[\s().-]{0,2}\d){6,14}(?!\d)|(?<![\w-])\d{10,}(?!\w)/g

/** An e-mail address, or the credentials in front of a host. */
const ADDRESS = /[^\s"'`<>(){}[\],;@/]{1,100}@[^\s"'`<>(){}[\],;@/]{1,255}/g

/** Its number is masked by then. */
const WHATSAPP_ADDRESS = /^…\d*@(s\.whatsapp\.net|g\.us|lid)/
