import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { encodeMessageRecord, newMessageId } from '@whatsapp-sender/contract'
import type { IngestedMessage, InsertResult, UndecodableRecord } from '@whatsapp-sender/store'
import type { Batch, Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs'
import { messageRecord } from '../../tests/support/ingested-message.ts'
import { runIngest } from './ingest-consumer.ts'

const NOW = Date.parse('2026-01-02T00:00:00Z')

let handle: (payload: EachBatchPayload) => Promise<void>
/** What happened, in order. */
let done: string[]
let ledger: Set<string>
let insertFails: number
let commitFails: boolean
let isRunning: boolean
let refused: ReadonlySet<string>
let kept: UndecodableRecord[]
let unread: unknown[]

beforeEach(async () => {
  done = []
  ledger = new Set()
  insertFails = 0
  commitFails = false
  isRunning = true
  refused = new Set()
  kept = []
  unread = []
  const consumer: Pick<Consumer, 'subscribe' | 'run'> = {
    subscribe: async () => {},
    run: async (config) => {
      handle = config?.eachBatch ?? assert.fail('no handler')
    },
  }
  await runIngest(
    consumer,
    {
      topic: 'messages',
      writer: { insert: async (_partition, messages) => insert(messages), insertingFrom: () => undefined },
      undecodable: { insert: async (records) => void kept.push(...records) },
      isOwn: () => true,
      keepsTraces: false,
      skips: { follows: async () => true, passed: () => {} },
      decodeOld: undefined,
      storeNow: () => NOW,
      offer: (rows) => done.push(...rows.map(({ offset }) => `offer ${offset}`)),
      reload: (instance) => done.push(`reload ${instance}`),
      events: {
        ingested: () => {},
        unread: (_, left) => unread.push(left),
        newerRecord: () => {},
        failed: () => done.push('failed'),
      },
    },
    1,
  )
})

test('a row is made before its offset is committed, and offered whether or not the commit succeeds', async () => {
  await handle(batchOf(record(7), record(8)))
  assert.deepEqual(done, ['insert 7 8', 'offer 7', 'offer 8', 'resolve 8', 'commit 9'])
})

test('when the commit fails the records come again: none is offered as new, and their instance is read anew', async () => {
  commitFails = true
  const batch = [record(7), record(8)]
  await assert.rejects(handle(batchOf(...batch)), /coordinator/)
  commitFails = false
  done = []
  await handle(batchOf(...batch))
  assert.deepEqual(done, ['insert 7 8', 'reload sales', 'resolve 8', 'commit 9'])
})

test('what cannot be inserted now is tried again, and nothing is committed before', async () => {
  insertFails = 1
  await handle(batchOf(record(7)))
  assert.deepEqual(done, ['failed', 'insert 7', 'offer 7', 'resolve 7', 'commit 8'])
})

test('while a batch waits its first record is the oldest unread one, and then what comes after its last', async () => {
  await handle(batchOf(record(7, NOW - 5000), record(8, NOW - 3000)))
  assert.deepEqual(unread, [
    { recordsBehind: 93, unreadFrom: NOW - 5000 },
    { recordsBehind: 91, unreadFrom: NOW - 3000 },
  ])
})

test('a process that stops while it cannot insert commits nothing', async () => {
  insertFails = Number.POSITIVE_INFINITY
  isRunning = false
  await handle(batchOf(record(7)))
  assert.deepEqual(done, ['failed'])
})

test('what the database refuses twice is kept with its bytes, and the rest goes on', async () => {
  const [bad, good] = [record(7), record(8)]
  refused = new Set(['7'])
  await handle(batchOf(bad, good))
  assert.deepEqual(
    kept.map(({ offset, reason, value }) => [offset, reason, value]),
    [[7n, 'refused-by-store', bad.value]],
  )
  assert.deepEqual(done.slice(-3), ['offer 8', 'resolve 8', 'commit 9'])
})

async function insert(messages: readonly IngestedMessage[]): Promise<InsertResult> {
  if (insertFails > 0) {
    insertFails -= 1
    throw new Error('away')
  }
  done.push(`insert ${messages.map(({ offset }) => offset).join(' ')}`)
  const isRefused = ({ offset }: IngestedMessage) => refused.has(String(offset))
  const taken = messages.filter((message) => !isRefused(message))
  const inserted = taken.filter(({ record: { id } }) => !ledger.has(id))
  const duplicates = taken.filter(({ record: { id } }) => ledger.has(id))
  for (const each of inserted) ledger.add(each.record.id)
  return { inserted, duplicates, refused: messages.filter(isRefused).map((message) => ({ message, detail: '' })) }
}

function record(offset: number, at = NOW): KafkaMessage {
  return {
    offset: String(offset),
    key: Buffer.from('sales'),
    value: encodeMessageRecord(messageRecord({ id: newMessageId() })),
    timestamp: String(at),
    attributes: 0,
    headers: {},
  }
}

function batchOf(...messages: KafkaMessage[]): EachBatchPayload {
  const [first, last] = [messages.at(0)?.offset ?? '', messages.at(-1)?.offset ?? '']
  const batch: Batch = {
    topic: 'messages',
    partition: 0,
    highWatermark: '100',
    messages,
    isEmpty: () => messages.length === 0,
    firstOffset: () => first,
    lastOffset: () => last,
    offsetLag: () => '0',
    offsetLagLow: () => '0',
  }
  return {
    batch,
    resolveOffset: (offset) => done.push(`resolve ${offset}`),
    heartbeat: async () => {},
    pause: () => () => {},
    commitOffsetsIfNecessary: async (offsets) => {
      if (commitFails) throw new Error('the coordinator is away')
      done.push(`commit ${offsets?.topics[0]?.partitions[0]?.offset}`)
    },
    uncommittedOffsets: () => ({ topics: [] }),
    isRunning: () => isRunning,
    isStale: () => false,
  }
}
