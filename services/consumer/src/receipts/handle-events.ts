import { setTimeout as wait } from 'node:timers/promises'
import { isStoreError, type Undecodable } from '@whatsapp-sender/store'
import type { Batch, EachBatchPayload, KafkaMessage } from 'kafkajs'
import { createBatchWriter } from '../batch-writer.ts'
import { beating } from '../kafka/beating.ts'
import { type DecodedEvents, decodeEvents } from './decode-events.ts'
import { type JoinTargets, joinEvents } from './join-events.ts'
import type { ReceiptEvents } from './receipt-events.ts'

type Events = DecodedEvents<KafkaMessage>

const CHUNK = 200
const CHUNKS_AT_ONCE = 10
const TRY_AGAIN_MS = 1000

/**
 * Handles one batch: everything is stored before its offset is committed. A database that is away is waited for in
 * here, with heartbeats; thrown out of here, it would cost the membership of the group.
 */
export function createEventsHandler({
  undecodable,
  events,
  block,
  ...targets
}: JoinTargets &
  Readonly<{
    undecodable: Pick<Undecodable, 'insert'>
    events: ReceiptEvents
    /** Stops reading a partition whose next record only a newer version of this process can read. */
    block(partition: number): void
  }>): (payload: EachBatchPayload) => Promise<void> {
  // The batches of all partitions go together into one write at a time.
  const joiner = createBatchWriter<Events, true>({
    batchMax: CHUNKS_AT_ONCE,
    gatherMs: 0,
    writeAll: async (chunks) => {
      const { joined, pending } = await joinEvents(
        {
          receipts: chunks.flatMap(({ receipts }) => receipts),
          sent: chunks.flatMap(({ sent }) => sent),
          optOuts: chunks.flatMap(({ optOuts }) => optOuts),
          checks: chunks.flatMap(({ checks }) => checks),
          qrNeeded: chunks.flatMap(({ qrNeeded }) => qrNeeded),
        },
        targets,
      )
      if (joined > 0) events.receiptsJoined(joined)
      if (pending > 0) events.receiptsPending(pending)
      return chunks.map(() => true)
    },
  })

  const store = async (decoded: Events, batch: Batch): Promise<void> => {
    await undecodable.insert(undecodableRecords(decoded, batch))
    await joiner.write(decoded)
  }

  /** False when the consumer stops or loses the partition first. */
  const untilStored = async (decoded: Events, payload: EachBatchPayload): Promise<boolean> => {
    while (payload.isRunning() && !payload.isStale()) {
      if (await beating(() => payload.heartbeat(), isStored(store(decoded, payload.batch), events))) return true
      await beating(() => payload.heartbeat(), wait(TRY_AGAIN_MS))
    }
    return false
  }

  return async (payload) => {
    const { topic, partition, messages } = payload.batch
    for (let from = 0; from < messages.length; from += CHUNK) {
      const decoded = decodeEvents(messages.slice(from, from + CHUNK))
      if (!(await untilStored(decoded, payload))) return
      for (const { record, reason } of decoded.undecodable)
        events.eventUndecodable({ topic, partition, offset: record.offset, reason })
      await commit(decoded.lastOffset, payload)
      if (decoded.newer !== undefined) {
        block(partition)
        events.newerEventFound({ topic, partition, ...decoded.newer })
        return
      }
    }
  }
}

/** False when the database was at fault: then it may be tried again. Throws everything else. */
async function isStored(work: Promise<void>, events: Pick<ReceiptEvents, 'receiptsDelayed'>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (!isStoreError(error)) throw error
    events.receiptsDelayed(error)
    return false
  }
}

async function commit(lastOffset: string | undefined, payload: EachBatchPayload): Promise<void> {
  if (lastOffset === undefined) return
  const { topic, partition } = payload.batch
  payload.resolveOffset(lastOffset)
  const offset = String(BigInt(lastOffset) + 1n)
  await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] })
}

function undecodableRecords(decoded: Events, { topic, partition }: Batch) {
  return decoded.undecodable.map(({ record, reason, detail }) => ({
    topic,
    partition,
    offset: BigInt(record.offset),
    key: record.key,
    value: record.value,
    headers: record.headers ?? {},
    reason,
    detail,
  }))
}
