import { setTimeout as wait } from 'node:timers/promises'
import type { MessageRecord } from '@whatsapp-sender/contract'
import type { IngestedMessage, InsertResult, LaneRow, Undecodable } from '@whatsapp-sender/store'
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs'
import { beating } from '../kafka/beating.ts'
import { type DecodedBatch, decodeBatch, type UndecodableRecord } from './decode-batch.ts'
import { INSERT_ROWS_MAX, type IngestWriter } from './ingest-writer.ts'
import type { SkipWatch } from './skipped-records.ts'
import type { Left } from './unread.ts'

const RETRY_MS = 500
const RETRY_MAX_MS = 5000

export type IngestEvents = Readonly<{
  ingested(counts: Readonly<{ inserted: number; duplicates: number; undecodable: number }>): void
  /** A batch has come, or is done with: what of the partition is still to be read. */
  unread(partition: number, left: Left): void
  /** A record of a later version: the partition waits for a consumer that knows it. */
  newerRecord(place: Readonly<{ topic: string; partition: number; offset: string }>): void
  failed(error: unknown): void
}>

export type IngestParts = Readonly<{
  topic: string
  writer: IngestWriter
  undecodable: Pick<Undecodable, 'insert'>
  isOwn(instance: string): boolean
  keepsTraces: boolean
  skips: Pick<SkipWatch, 'follows' | 'passed'>
  decodeOld: ((message: KafkaMessage, partition: number) => MessageRecord | undefined) | undefined
  storeNow(): number
  /** New rows of this process's own instances, in order. */
  offer(rows: readonly LaneRow[]): void
  /** A record came again: what is in memory of its instance may not be all. */
  reload(instance: string): void
  events: IngestEvents
}>

/**
 * From the topic into the ledger: a batch's offsets are committed only when each of its records is a row, was one, or is
 * kept as undecodable. A database that is away is waited out here, with heartbeats.
 */
export async function runIngest(
  consumer: Pick<Consumer, 'subscribe' | 'run'>,
  parts: IngestParts,
  partitionCount: number,
): Promise<void> {
  const appendedAt = new Map<number, number>()
  await consumer.subscribe({ topic: parts.topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: partitionCount,
    eachBatch: async (payload) => {
      const { batch } = payload
      const { partition } = batch
      const first = batch.firstOffset() ?? '0'
      parts.events.unread(partition, leftOf(batch, first))
      if (!(await beating(payload.heartbeat, parts.skips.follows(partition, first)))) return
      const decodeOld = parts.decodeOld
      const decoded = decodeBatch(batch.messages, {
        now: parts.storeNow(),
        appendedAtMin: appendedAt.get(partition) ?? 0,
        isOwn: parts.isOwn,
        keepsTraces: parts.keepsTraces,
        decodeOld: decodeOld && ((message) => decodeOld(message, partition)),
      })
      appendedAt.set(partition, decoded.messages.at(-1)?.appendedAt ?? appendedAt.get(partition) ?? 0)
      const stored = await storeAll(parts, payload, decoded)
      if (!stored) return
      const next = decoded.newerAt ?? String(BigInt(batch.lastOffset()) + 1n)
      if (next !== first) payload.resolveOffset(String(BigInt(next) - 1n))
      await payload.commitOffsetsIfNecessary({
        topics: [{ topic: parts.topic, partitions: [{ partition, offset: next }] }],
      })
      parts.skips.passed(partition, next)
      parts.events.unread(partition, leftOf(batch, next))
      if (decoded.newerAt !== undefined) {
        payload.pause()
        parts.events.newerRecord({ topic: parts.topic, partition, offset: decoded.newerAt })
      }
    },
  })
}

/** What there is from an offset on: it came with the record there, or after all of the batch. */
function leftOf({ messages, highWatermark }: EachBatchPayload['batch'], from: string): Left {
  const first = messages.find(({ offset }) => offset === from) ?? messages.at(-1)
  return { recordsBehind: Number(BigInt(highWatermark) - BigInt(from)), unreadFrom: Number(first?.timestamp ?? 0) }
}

/** False when the process stops first: the batch comes again, to whoever reads next. */
async function storeAll(parts: IngestParts, payload: EachBatchPayload, decoded: DecodedBatch): Promise<boolean> {
  const { partition } = payload.batch
  let undecodable = decoded.undecodable
  for (let at = 0; at < decoded.messages.length; at += INSERT_ROWS_MAX) {
    const part = decoded.messages.slice(at, at + INSERT_ROWS_MAX)
    const result = await insist(parts, payload, () => insertTwice(parts.writer, partition, part))
    if (result === undefined) return false
    handOver(parts, result)
    undecodable = [...undecodable, ...refusedRecords(payload, result)]
  }
  if (undecodable.length === 0) return true
  const kept = await insist(parts, payload, async () => {
    await parts.undecodable.insert(undecodable.map((record) => keptRecord(parts.topic, partition, record)))
    return true
  })
  if (kept) parts.events.ingested({ inserted: 0, duplicates: 0, undecodable: undecodable.length })
  return kept === true
}

/** What MongoDB refuses by itself gets a second chance before it counts as undecodable. */
async function insertTwice(
  writer: IngestWriter,
  partition: number,
  messages: readonly IngestedMessage[],
): Promise<InsertResult> {
  const first = await writer.insert(partition, messages)
  if (first.refused.length === 0) return first
  const second = await writer.insert(
    partition,
    first.refused.map(({ message }) => message),
  )
  return {
    inserted: [...first.inserted, ...second.inserted],
    duplicates: [...first.duplicates, ...second.duplicates],
    refused: second.refused,
  }
}

async function insist<T>(
  parts: IngestParts,
  payload: EachBatchPayload,
  write: () => Promise<T>,
): Promise<T | undefined> {
  for (let delayMs = RETRY_MS; ; delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)) {
    const tried = await beating(
      payload.heartbeat,
      write().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
    )
    if ('value' in tried) return tried.value
    parts.events.failed(tried.error)
    if (!payload.isRunning() || payload.isStale()) return undefined
    await beating(payload.heartbeat, wait(delayMs))
  }
}

function handOver(parts: IngestParts, { inserted, duplicates }: InsertResult): void {
  parts.offer(inserted.filter(({ wake, record }) => !wake && record.sendAt === undefined).map(laneRowOf))
  // Whether a time to send at was past is the ledger's to say: those rows are read from there.
  const timed = inserted.filter(({ wake, record }) => !wake && record.sendAt !== undefined)
  for (const instance of new Set([...duplicates, ...timed].map(({ record }) => record.instance))) parts.reload(instance)
  parts.events.ingested({ inserted: inserted.length, duplicates: duplicates.length, undecodable: 0 })
}

function laneRowOf({ record, appendedAt, offset }: IngestedMessage): LaneRow {
  const { id, user, instance, instanceId, to, type, content, onAmbiguous, priority, expiresAt, traceparent } = record
  return {
    id,
    user,
    instance,
    instanceId,
    to,
    type,
    content,
    onAmbiguous,
    priority,
    appendedAt,
    offset,
    attemptsCount: 0,
    status: 'queued',
    nextAttemptAt: undefined,
    expiresAt: expiresAt === undefined ? undefined : Date.parse(expiresAt),
    claim: undefined,
    by: undefined,
    claimedAt: undefined,
    traceparent,
  }
}

function refusedRecords({ batch }: EachBatchPayload, { refused }: InsertResult): UndecodableRecord[] {
  return refused.flatMap(({ message: { offset }, detail }) => {
    const message = batch.messages.find((each) => each.offset === String(offset))
    return message === undefined ? [] : [{ message, reason: 'refused-by-store' as const, detail }]
  })
}

function keptRecord(topic: string, partition: number, { message, reason, detail }: UndecodableRecord) {
  const { key, value, headers = {}, offset } = message
  return { topic, partition, offset: BigInt(offset), key, value, headers, reason, detail }
}
