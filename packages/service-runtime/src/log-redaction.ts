/** What a line may carry: plain values, with numbers, texts and secrets hidden by the names of their fields. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactFields(fields, DEPTH_MAX)
}

/** The value of a field whose name is one of HIDDEN_KEYS. A number keeps its last four digits. */
export function censor(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return value
  if (!NUMBER_KEYS.has(key) || typeof value !== 'string') return HIDDEN
  // A line passes here twice: as a whole, and by the paths that guard the bindings of children.
  return value.startsWith('…') ? value : maskNumber(value)
}

/** `…1000`: enough to recognise a recipient, not enough to call him. */
export function maskNumber(e164: string): string {
  const digits = e164.replace(/@.*$/, '').replace(/\D/g, '')
  return digits.length < 8 ? '…' : `…${digits.slice(-4)}`
}

/** Type, message, code, stack and cause only: an error of an HTTP client carries headers, body and keys as well. */
export function describeError(err: unknown): unknown {
  return err instanceof Error ? errorFields(err, CAUSES_MAX) : err
}

const HIDDEN = '[redacted]'
const DEPTH_MAX = 5
const CAUSES_MAX = 5

const NUMBER_KEYS: ReadonlySet<string> = new Set(['to', 'number', 'recipient', 'phone', 'remoteJid', 'jid', 'wuid'])

export const HIDDEN_KEYS: ReadonlySet<string> = new Set([
  ...NUMBER_KEYS,
  'authorization',
  'cookie',
  'apikey',
  'apiKey',
  'globalKey',
  'token',
  'accessToken',
  'access_token',
  'refreshToken',
  'refresh_token',
  'evolutionToken',
  'password',
  'passwordHash',
  'secret',
  'secretKey',
  'webhookSecret',
  'webhookSecretHash',
  'text',
  'content',
  'body',
  'caption',
  'conversation',
  'email',
  'fullname',
  'headers',
])

function redactFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      HIDDEN_KEYS.has(key) ? censor(key, value) : redactValue(value, depth - 1),
    ]),
  )
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return describeError(value)
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return '[bytes]'
  if (depth < 0) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth - 1))
  if (hasToJson(value)) return redactValue(value.toJSON(), depth - 1)
  return redactFields(value, depth)
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}

function errorFields(err: Error, causesLeft: number): Record<string, unknown> {
  const code = 'code' in err && (typeof err.code === 'string' || typeof err.code === 'number') ? { code: err.code } : {}
  return {
    type: err.name,
    message: maskNumbersIn(err.message),
    ...code,
    ...(err.stack !== undefined && { stack: maskNumbersIn(err.stack) }),
    ...(err.cause instanceof Error && causesLeft > 0 && { cause: errorFields(err.cause, causesLeft - 1) }),
  }
}

/** Texts of other programs quote numbers freely. */
function maskNumbersIn(text: string): string {
  return text.replace(/(?<![\w-])\+?\d{10,15}(?!\w)/g, maskNumber)
}
