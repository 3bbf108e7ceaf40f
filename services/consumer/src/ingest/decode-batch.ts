import {
  type DecodedRecord,
  decodeMessageRecord,
  HEADER,
  type MessageRecord,
  TOPIC_RETENTION_MS,
  type UndecodableReason,
} from '@whatsapp-sender/contract'
import { formatTraceparent, parseTraceparent } from '@whatsapp-sender/service-runtime'
import type { IngestedMessage } from '@whatsapp-sender/store'
import type { KafkaMessage } from 'kafkajs'

export type UndecodableRecord = Readonly<{ message: KafkaMessage; reason: UndecodableReason; detail: string }>

/** `newerAt`: offset of the first record that only a later version can read; nothing from there on is in the batch. */
export type DecodedBatch = Readonly<{
  messages: readonly IngestedMessage[]
  undecodable: readonly UndecodableRecord[]
  newerAt: string | undefined
}>

/** Never throws: what cannot be read is a result. */
export function decodeBatch(
  batch: readonly KafkaMessage[],
  {
    now,
    appendedAtMin,
    isOwn,
    keepsTraces,
    decodeOld,
  }: Readonly<{
    /** ms since the epoch. */
    now: number
    /** Largest append time seen on the partition. */
    appendedAtMin: number
    isOwn(instance: string): boolean
    /** Whether messages stay in the traces that their headers name. */
    keepsTraces: boolean
    /** Reads records of the system before this one, when they are accepted. */
    decodeOld: ((message: KafkaMessage) => MessageRecord | undefined) | undefined
  }>,
): DecodedBatch {
  const messages: IngestedMessage[] = []
  const undecodable: UndecodableRecord[] = []
  let appendedAt = appendedAtMin
  for (const message of batch) {
    const decoded = decode(message, decodeOld)
    if (decoded.kind === 'newer') return { messages, undecodable, newerAt: message.offset }
    const timestamp = Number(message.timestamp)
    if (decoded.kind === 'undecodable') undecodable.push({ message, ...decoded })
    else if (now - timestamp > TOPIC_RETENTION_MS) undecodable.push({ message, ...TOO_OLD })
    else {
      appendedAt = Math.max(appendedAt, timestamp)
      const record = keepsTraces ? inTrace(decoded.record, message) : decoded.record
      messages.push({ record, appendedAt, offset: BigInt(message.offset), wake: !isOwn(record.instance) })
    }
  }
  return { messages, undecodable, newerAt: undefined }
}

function inTrace(record: MessageRecord, { headers }: KafkaMessage): MessageRecord {
  const header = headers?.[HEADER.traceparent]
  const context = header === undefined || Array.isArray(header) ? undefined : parseTraceparent(String(header))
  return context === undefined ? record : { ...record, traceparent: formatTraceparent(context) }
}

const TOO_OLD = {
  reason: 'too-old',
  detail: 'the record is older than the topic keeps records: its message may have been sent and forgotten',
} as const

function decode(
  message: KafkaMessage,
  decodeOld: ((message: KafkaMessage) => MessageRecord | undefined) | undefined,
): DecodedRecord<MessageRecord> {
  const decoded = decodeMessageRecord(message.value, message.key)
  if (decoded.kind !== 'undecodable' || decoded.reason === 'wrong-key') return decoded
  const old = decodeOld?.(message)
  return old === undefined ? decoded : { kind: 'record', record: old }
}
