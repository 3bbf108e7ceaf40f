import { hash } from 'node:crypto'
import { z } from 'zod'
import { type Content, fileIdOf, Message, type MessageType } from './content/message.ts'
import { isPlainText, PlainText } from './content/text-content.ts'
import { InstanceName } from './instance.ts'
import { isPhoneNumber } from './phone-number.ts'
import { isRecipient } from './recipient.ts'

/** The newest that this code reads and writes. */
export const RECORD_VERSION = 4

export const OnAmbiguous = z.enum(['resend', 'hold'])
export type OnAmbiguous = z.infer<typeof OnAmbiguous>

export const Priority = z.enum(['high', 'normal', 'bulk'])
export type Priority = z.infer<typeof Priority>

const HEAD = {
  id: z.uuid(),
  /** Id of the user who owns the message. */
  user: z.string().min(1).max(64),
  instance: InstanceName,
  /** Which creation of the instance the message is for: a later instance of the same name never sends it. */
  instanceId: z.string().min(1).max(64),
  /** E.164; from version 3 on also a group, or an `@lid`. */
  to: z.string().refine((to): boolean => isPhoneNumber(to), 'must be E.164'),
  /** `bodyHashOf` what the caller asked for; tells a repeated call from another one under the same key. */
  bodyHash: z.string().length(64),
  priority: Priority,
  onAmbiguous: OnAmbiguous,
  acceptedAt: z.iso.datetime(),
  sendAt: z.iso.datetime().optional(),
  expiresAt: z.iso.datetime().optional(),
  /** The caller's own name for the message, and his own facts: echoed, never read. */
  reference: z.string().max(256).optional(),
  metadata: z
    .record(
      z.string().refine((name) => !name.includes('\0'), 'must not contain NUL'),
      z.string(),
    )
    .optional(),
  /** Which call of many messages at once it came with. */
  batch: z.uuid().optional(),
  /** Whose row it was. */
  campaign: z.uuid().optional(),
  /** Names for people, from the old clients. */
  labels: z
    .object({
      senderName: z.string().optional(),
      receiverName: z.string().optional(),
    })
    .optional(),
  /** The trace that it belongs to. It comes as a header of the record. */
  traceparent: z.string().max(64).optional(),
  /** What becomes of it is told as events. */
  feed: z.literal(true).optional(),
}

const Head = z.object(HEAD)

const AnyRecipient = z.string().refine((to): boolean => isRecipient(to), 'must be E.164 or a JID')

/**
 * One accepted message as topic `messages` carries it: JSON, key = instance. Fields are only ever added; a change that
 * an older consumer must not read as something else gets a new `v`. Times are ISO 8601 in UTC.
 */
export type MessageRecord = Readonly<z.infer<typeof Head>> &
  Readonly<{ v: 1 | 2 | 3 | typeof RECORD_VERSION; type: MessageType; content: Content }>

/**
 * By their `v`. A text with nothing besides is version 1; all else came with version 2, of which an older reader would
 * send a part, or nothing. Version 3 is for recipients that no number names, whom an older reader takes for a fault,
 * and version 4 for files by their id, which it does not know.
 */
const RECORDS: Readonly<Record<number, z.ZodType<MessageRecord>>> = {
  1: z.object({ v: z.literal(1), ...HEAD, type: z.literal('text'), content: PlainText }),
  2: z.intersection(z.object({ v: z.literal(2), ...HEAD }), Message),
  3: z.intersection(z.object({ v: z.literal(3), ...HEAD, to: AnyRecipient }), Message),
  4: z.intersection(z.object({ v: z.literal(RECORD_VERSION), ...HEAD, to: AnyRecipient }), Message),
}

/** The `v` that a record to this recipient and with this content has to have. */
export function recordVersionOf({
  to,
  type,
  content,
}: Pick<MessageRecord, 'to' | 'type' | 'content'>): MessageRecord['v'] {
  if (fileIdOf(content) !== undefined) return RECORD_VERSION
  if (!isPhoneNumber(to)) return 3
  return type === 'text' && isPlainText(content) ? 1 : 2
}

export function encodeMessageRecord(record: MessageRecord): Buffer {
  return Buffer.from(JSON.stringify(record), 'utf8')
}

/** `newer`: written by a later version of the API. It is not lost by reading on: the partition has to wait for a newer consumer. */
export type DecodedRecord<T> =
  | Readonly<{ kind: 'record'; record: T }>
  | Readonly<{ kind: 'newer'; version: number }>
  | Readonly<{
      kind: 'undecodable'
      reason: UndecodableReason
      detail: string
    }>

export type UndecodableReason =
  | 'empty'
  | 'not-json'
  | 'wrong-shape'
  | 'wrong-key'
  | 'too-old'
  | 'refused-by-store'
  | 'foreign-instance'

/** Never throws. */
export function decodeMessageRecord(value: Buffer | null, key: Buffer | null): DecodedRecord<MessageRecord> {
  const decoded = decodeVersioned(value, RECORDS)
  if (decoded.kind === 'record' && key?.toString('utf8') !== decoded.record.instance) {
    return {
      kind: 'undecodable',
      reason: 'wrong-key',
      detail: 'the record key is not the instance name',
    }
  }
  return decoded
}

/** `schemas`: by version. */
export function decodeVersioned<T>(
  value: Buffer | null,
  schemas: Readonly<Record<number, z.ZodType<T>>>,
): DecodedRecord<T> {
  if (value === null || value.length === 0) return { kind: 'undecodable', reason: 'empty', detail: 'no value' }
  const json = parseJson(value)
  if (json === undefined)
    return {
      kind: 'undecodable',
      reason: 'not-json',
      detail: 'the value is not JSON',
    }
  const version = Version.safeParse(json).data?.v ?? 1
  const schema = schemas[version]
  if (schema === undefined) return { kind: 'newer', version }
  const parsed = schema.safeParse(json)
  if (parsed.success) return { kind: 'record', record: parsed.data }
  const detail = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; ')
  return {
    kind: 'undecodable',
    reason: 'wrong-shape',
    detail: detail.slice(0, 1000),
  }
}

const Version = z.object({ v: z.int().positive() })

function parseJson(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'))
  } catch {
    return undefined
  }
}

export type RequestedMessage = Pick<
  MessageRecord,
  | 'instance'
  | 'to'
  | 'type'
  | 'content'
  | 'onAmbiguous'
  | 'priority'
  | 'sendAt'
  | 'expiresAt'
  | 'reference'
  | 'metadata'
> &
  Readonly<{
    /** Instead of a moment: the moment that it makes is another one at each call. */
    ttlSeconds?: number | undefined
  }>

/** SHA-256, hex, over what the caller asked for in a fixed order of fields. */
export function bodyHashOf(message: RequestedMessage): string {
  const { instance, to, type, content, onAmbiguous, priority, sendAt, reference, metadata } = message
  const expiry = message.ttlSeconds ?? message.expiresAt
  const sortedMetadata = metadata && Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  const fields = [instance, to, type, content, onAmbiguous, priority, sendAt, expiry, reference, sortedMetadata]
  return hash('sha256', JSON.stringify(fields.map((field) => field ?? null)), 'hex')
}
