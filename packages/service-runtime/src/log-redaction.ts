import { describeError } from './describe-error.ts'
import type { LogHash } from './log-hash.ts'
import { maskNumber } from './mask-number.ts'

/** What a line may carry. */
export type Redact = (fields: Record<string, unknown>) => Record<string, unknown>

/**
 * Plain values, with numbers, texts and secrets hidden by the names of their fields. Beside a number and the
 * address of a person stands its hash (`toHash` of `to`), if there is a key for one.
 */
export function createRedact(hash?: LogHash): Redact {
  return (fields) => redactFields(fields, DEPTH_MAX, hash)
}

/** The value of a field whose name is one of HIDDEN_KEYS. A number keeps its last four digits. */
export function censor(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return value
  if (!NUMBER_KEYS.has(key) || typeof value !== 'string') return HIDDEN
  // A line passes here twice: as a whole, and by the paths that guard the bindings of children.
  return value.startsWith('…') ? value : maskNumber(value)
}

const HIDDEN = '[redacted]'
const DEPTH_MAX = 5

const NUMBER_KEYS: ReadonlySet<string> = new Set([
  'to',
  'number',
  'recipient',
  'phone',
  'phoneNumber',
  'phone_number',
  'recipient_number',
  'receiver_number',
  'resolvedTo',
  'remoteJid',
  'participant',
  'jid',
  'wuid',
])

/** Of these there is the hash alone. */
const ADDRESS_KEYS: ReadonlySet<string> = new Set(['email', 'clientAddress'])

export const HIDDEN_KEYS: ReadonlySet<string> = new Set([
  ...NUMBER_KEYS,
  ...ADDRESS_KEYS,
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
  'secretKeys',
  'otherSecretKeys',
  'jwtSecrets',
  'webhookSecret',
  'webhookSecretHash',
  'idempotencyKey',
  'text',
  'message',
  'content',
  'body',
  'caption',
  'conversation',
  'template',
  'variables',
  'metadata',
  'reference',
  'contacts',
  'question',
  'options',
  'media',
  'base64',
  'url',
  'pairingCode',
  'qrcode',
  'fullname',
  'headers',
])

function redactFields(fields: object, depth: number, hash: LogHash | undefined): Record<string, unknown> {
  const redacted: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (!HIDDEN_KEYS.has(key)) {
      redacted[key] = redactValue(value, depth - 1, hash)
      continue
    }
    const isHashed = hash !== undefined && typeof value === 'string'
    if (isHashed && ADDRESS_KEYS.has(key)) {
      redacted[`${key}Hash`] = hash.text(value)
      continue
    }
    redacted[key] = censor(key, value)
    if (isHashed && NUMBER_KEYS.has(key)) redacted[`${key}Hash`] = hash.number(value)
  }
  return redacted
}

function redactValue(value: unknown, depth: number, hash: LogHash | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return describeError(value)
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return '[bytes]'
  if (depth < 0) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth - 1, hash))
  if (hasToJson(value)) return redactValue(value.toJSON(), depth - 1, hash)
  return redactFields(value, depth, hash)
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
