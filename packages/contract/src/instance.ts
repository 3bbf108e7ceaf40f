import { hash } from 'node:crypto'
import { z } from 'zod'

/** Name of an Evolution instance: it becomes a path segment and a Kafka key. */
export const InstanceName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"')

export const InstanceState = z.enum(['open', 'connecting', 'close'])
export type InstanceState = z.infer<typeof InstanceState>

/**
 * Tells whether two have the same key of an instance at Evolution API without telling the key. For those alone who may set
 * it: a weak key can be guessed from it.
 */
export function evolutionKeyDigest(instanceName: string, key: string): string {
  return hash('sha256', `${instanceName}\0${key}`, 'base64url')
}

const DAY_MS = 86_400_000

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, "00:00" to "23:59"')

const TimeZone = z.string().max(64).refine(isTimeZone, 'must be an IANA time zone, such as "America/Sao_Paulo"')

const GapMs = z.int().min(0).max(3_600_000)

const MessagesPerDay = z.int().min(1).max(1_000_000)

/**
 * How fast an instance may send. What is left out does not limit. The first day of `warmUp` is that of the first send under
 * the plan.
 */
export const Pace = z.strictObject({
  perMinute: z.number().min(0).max(6000).describe('0: no limit.'),
  burst: z.int().min(1).max(100).describe('How many may leave at once after a silence.'),
  gapMs: z
    .strictObject({ min: GapMs, max: GapMs })
    .refine(({ min, max }) => min <= max, { path: ['max'], message: 'must not be below min' })
    .optional()
    .describe('Between two messages, drawn anew each time.'),
  perDay: MessagesPerDay.optional().describe('In a calendar day of `timeZone`.'),
  warmUp: z
    .array(MessagesPerDay)
    .min(1)
    .max(90)
    .optional()
    .describe('Caps of the first days of a new number, one each, in place of `perDay`.'),
  timeZone: TimeZone.optional().describe('Of IANA, such as `America/Sao_Paulo`; left out: UTC.'),
  quietHours: z
    .strictObject({ from: TimeOfDay, to: TimeOfDay })
    .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must differ from "from"' })
    .optional()
    .describe('Nothing leaves in between, which may be past midnight.'),
  recipientGapMs: z.int().min(0).max(DAY_MS).optional().describe('Between two messages to the same recipient.'),
  newContactsPerDay: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe('Recipients a day that it never wrote to before.'),
})
export type Pace = Readonly<z.infer<typeof Pace>>

/**
 * How often a message is tried that Evolution could not send, and how long is waited in between: full jitter over
 * `baseMs` doubled with each attempt, at most `capMs`.
 */
export const RetryPolicy = z
  .strictObject({
    attemptsMax: z.int().min(1).max(100),
    baseMs: z.int().min(1).max(3_600_000),
    capMs: z.int().min(1).max(DAY_MS),
  })
  .refine(({ baseMs, capMs }) => baseMs <= capMs, { path: ['capMs'], message: 'must not be below baseMs' })
export type RetryPolicy = Readonly<z.infer<typeof RetryPolicy>>

/**
 * Whether WhatsApp is asked for a recipient before a message is sent to it: `first` when the instance neither wrote to it
 * nor found it before, `always` when it was not found there within seven days.
 */
export const CheckNumber = z.enum(['never', 'first', 'always'])
export type CheckNumber = z.infer<typeof CheckNumber>

/** A program that keeps an instance as it is declared elsewhere, and would undo what others change of it. */
export const ManagedBy = z.enum(['kubernetes'])
export type ManagedBy = z.infer<typeof ManagedBy>

/**
 * Offsets such as `+03:00`, which `Intl` takes too, know no summer time.
 *
 * Names are looked for in the list of `Intl`; only of another spelling, such as `Asia/Calcutta`, a format is made, once. The
 * first one takes 10 MB for good, and each 16 kB that V8 does not see, so that it does not hurry to collect them.
 */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  listed ??= new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])
  if (listed.has(name) || otherSpellings.has(name.toLowerCase())) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    otherSpellings.add(name.toLowerCase())
    return true
  } catch {
    return false
  }
}

let listed: ReadonlySet<string> | undefined
const otherSpellings = new Set<string>()
