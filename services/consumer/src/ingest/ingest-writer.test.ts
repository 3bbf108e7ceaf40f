import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { IngestedMessage, InsertResult } from '@whatsapp-sender/store'
import { ingestedMessage } from '../../tests/support/ingested-message.ts'
import { createIngestWriter, type IngestWriter } from './ingest-writer.ts'

type Insert = { messages: readonly IngestedMessage[]; now: Date; done: PromiseWithResolvers<InsertResult> }

let inserts: Insert[]
let writer: IngestWriter
let written: unknown[]

beforeEach(() => {
  inserts = []
  written = []
  writer = createIngestWriter(
    {
      insert: (messages, now) => {
        const done = Promise.withResolvers<InsertResult>()
        inserts.push({ messages, now, done })
        return done.promise
      },
    },
    {
      clock: { storeNow: () => 1_234, monotonic: () => inserts.length * 10 },
      onWritten: (...args) => written.push(args),
    },
  )
})

test('one write is in flight, and what other partitions bring meanwhile goes together into the next', async () => {
  const first = writer.insert(0, batch(1))
  const rest = Promise.all([writer.insert(1, batch(2)), writer.insert(2, batch(3))])
  assert.deepEqual(sizes(), [1])
  done(0)
  assert.equal((await first).inserted.length, 1)
  assert.deepEqual(sizes(), [1, 5])
  done(1)
  assert.deepEqual(
    (await rest).map(({ inserted }) => inserted.length),
    [2, 3],
  )
})

test('a write takes 500 rows at most, unless one partition alone brings more', async () => {
  const all = [writer.insert(0, batch(1)), ...[250, 250, 1, 700].map((count, n) => writer.insert(n + 1, batch(count)))]
  for (let n = 0; n < 4; n++) {
    done(n)
    await turn()
  }
  await Promise.all(all)
  assert.deepEqual(sizes(), [1, 500, 1, 700])
})

test('each write is told of, with its rows and how long it took', async () => {
  const first = writer.insert(0, batch(3))
  done(0)
  await first
  assert.deepEqual(written, [[3, 10]])
})

test('each partition is told only of its own rows', async () => {
  void writer.insert(9, batch(1))
  const [one, other] = [batch(2), batch(2)]
  const results = Promise.all([writer.insert(0, one), writer.insert(1, other)])
  done(0)
  await turn()
  const [duplicate, refused] = [one[1], other[0]]
  assert.ok(duplicate && refused)
  inserts[1]?.done.resolve({
    inserted: [...one.slice(0, 1), ...other.slice(1)],
    duplicates: [duplicate],
    refused: [{ message: refused, detail: 'no' }],
  })
  assert.deepEqual(await results, [
    { inserted: one.slice(0, 1), duplicates: [duplicate], refused: [] },
    { inserted: other.slice(1), duplicates: [], refused: [{ message: refused, detail: 'no' }] },
  ])
})

test('a write that fails fails for all who were in it, and the next one goes', async () => {
  const first = writer.insert(0, batch(1))
  const next = writer.insert(1, batch(1))
  inserts[0]?.done.reject(new Error('away'))
  await assert.rejects(first, /away/)
  done(1)
  assert.equal((await next).inserted.length, 1)
})

test('the first row of a partition is known while it is on its way, and not after, also when it fails', async () => {
  const [one, other] = [batch(2), batch(2)]
  const first = writer.insert(0, one)
  const second = writer.insert(1, other)
  assert.deepEqual([writer.insertingFrom(0), writer.insertingFrom(1)], [one[0], other[0]])
  done(0)
  await first
  assert.deepEqual([writer.insertingFrom(0), writer.insertingFrom(1)], [undefined, other[0]])
  inserts[1]?.done.reject(new Error('away'))
  await assert.rejects(second, /away/)
  assert.equal(writer.insertingFrom(1), undefined)
})

test('rows that somebody waits for no more are on their way until they have ended', async () => {
  const [given, again] = [batch(2), batch(2)]
  const abandoned = writer.insert(0, given)
  const repeated = writer.insert(0, again)
  done(0)
  await abandoned
  assert.equal(writer.insertingFrom(0), again[0])
  done(1)
  await repeated
  assert.equal(writer.insertingFrom(0), undefined)
})

test('rows are made by the clock of the store', () => {
  void writer.insert(0, batch(1))
  assert.deepEqual(inserts[0]?.now, new Date(1_234))
})

test('nothing is written for nothing', async () => {
  assert.deepEqual(await writer.insert(0, []), { inserted: [], duplicates: [], refused: [] })
  assert.deepEqual(inserts, [])
})

let offsets = 0n
function batch(count: number): IngestedMessage[] {
  return Array.from({ length: count }, () => ingestedMessage({ offset: ++offsets }))
}

function sizes(): number[] {
  return inserts.map(({ messages }) => messages.length)
}

/** All rows of this write are new. */
function done(index: number): void {
  const insert = inserts[index]
  insert?.done.resolve({ inserted: insert.messages, duplicates: [], refused: [] })
}
