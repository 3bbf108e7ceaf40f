import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Receipt, SentEvidence, UndecodableRecord } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const MINUTE_MS = 60_000
const store = await openTestStore()

test('an undecodable record is kept byte by byte, once, however often it comes', async () => {
  const record: UndecodableRecord = {
    topic: 'messages',
    partition: 3,
    offset: 2n ** 53n + 1n,
    key: Buffer.from([0xff, 0x00, 0xfe]),
    value: null,
    headers: { 'a.$b': Buffer.from([0x80]), twice: ['x', 'y'], none: undefined },
    reason: 'not-json',
    detail: 'the value is not JSON',
  }
  const another = { ...record, offset: 1n }
  await store.undecodable.insert([record])
  await store.undecodable.insert([record, another, another])
  const rows = await store.db
    .collection('undecodable')
    .find({}, { promoteBuffers: true })
    .sort({ offset: -1 })
    .toArray()
  assert.equal(rows.length, 2)
  const [row] = rows
  assert.equal(String(row?._id), 'messages/3/9007199254740993')
  assert.deepEqual(Buffer.from(row?.['key']), record.key)
  assert.equal(row?.['value'], null)
  assert.deepEqual(
    row?.['headers'].map(({ name, value }: { name: string; value: Buffer }) => [name, value.toString('latin1')]),
    [
      ['a.$b', '\u0080'],
      ['twice', 'x'],
      ['twice', 'y'],
    ],
  )
})

test('an event that comes again does not begin its waiting anew', async () => {
  const event = receipt()
  await store.pendingReceipts.store([event])
  await makeDue(event.keyId)
  const [due] = await dueOf(event.keyId)
  assert.ok(due !== undefined)
  await store.pendingReceipts.retryLater([due])
  await store.pendingReceipts.store([event, event])
  await makeDue(event.keyId)
  const [again] = await dueOf(event.keyId)
  assert.equal(again?.tries, 1)
})

test('two statuses of one message wait apart', async () => {
  const event = receipt()
  await store.pendingReceipts.store([event, { ...event, status: 'READ' }])
  await makeDue(event.keyId)
  assert.deepEqual((await dueOf(event.keyId)).map(({ status }) => status).sort(), ['DELIVERY_ACK', 'READ'])
})

test('nothing is due before its time, the waits grow, and what is done is gone', async () => {
  const event = receipt()
  await store.pendingReceipts.store([event])
  assert.deepEqual(await dueOf(event.keyId), [])
  const waits: number[] = []
  for (let tries = 0; tries < 6; tries++) {
    waits.push(Math.round((await nextTryInMs(event.keyId)) / 1000))
    await makeDue(event.keyId)
    await store.pendingReceipts.retryLater(await dueOf(event.keyId))
  }
  assert.deepEqual(waits, [1, 5, 30, 60, 300, 300])
  await makeDue(event.keyId)
  await store.pendingReceipts.done((await dueOf(event.keyId)).map(({ id }) => id))
  await makeDue(event.keyId)
  assert.deepEqual(await dueOf(event.keyId), [])
})

test('evidence is of that instance, that text and that time', async () => {
  const event = evidence()
  await store.pendingReceipts.store([
    event,
    { ...event, keyId: 'other instance', instanceId: randomUUID() },
    { ...event, keyId: 'other text', textHash: 'f'.repeat(64) },
    { ...event, keyId: 'no text', textHash: undefined },
    { ...event, keyId: 'too early' },
  ])
  await shift('too early', -2 * MINUTE_MS)
  const [found, ...others] = await evidenceFor(event, 'message')
  assert.deepEqual(others, [])
  const { keyId, remoteJid } = event
  assert.deepEqual(found && { ...found, at: 0 }, { id: `${event.instanceId}/${keyId}/sent`, keyId, remoteJid, at: 0 })
})

test('evidence is found by when it was stored, whatever the clock of the API that took it says', async () => {
  const at = await databaseTime()
  const [early, late] = [evidence(), evidence()]
  await store.pendingReceipts.store([
    { ...early, at: new Date(at.getTime() - 60 * MINUTE_MS) },
    { ...late, at: new Date(at.getTime() + 60 * MINUTE_MS) },
  ])
  for (const { instanceId, keyId } of [early, late]) {
    const window = { instanceId, textHash: 'a'.repeat(64), from: at, messageId: 'message' }
    const [found] = await store.pendingReceipts.evidenceFor(window)
    assert.equal(found?.keyId, keyId)
  }
})

test('evidence that was stored late, because its reader lagged, is found', async () => {
  const event = evidence()
  await store.pendingReceipts.store([event])
  await shift(event.keyId, 60 * MINUTE_MS)
  assert.equal((await evidenceFor(event, 'message')).length, 1)
})

test('when a receipt is due and how old it is goes by the clock of the database, not of the process', async (t) => {
  const events = [receipt(), receipt()]
  const found = async () =>
    (await store.pendingReceipts.due(1000)).filter(({ keyId }) => events.some((each) => each.keyId === keyId))
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60 * MINUTE_MS })
  await store.pendingReceipts.store(events)
  t.mock.timers.setTime(Date.now() - 120 * MINUTE_MS)
  await makeDue(events[0]?.keyId ?? '')
  const due = await found()
  assert.deepEqual(
    due.map(({ keyId }) => keyId),
    [events[0]?.keyId],
  )
  assert.ok(due.every(({ ageMs }) => ageMs >= 0 && ageMs < MINUTE_MS))
  await store.pendingReceipts.retryLater(due)
  t.mock.timers.setTime(Date.now() + 120 * MINUTE_MS)
  await makeDue(events[1]?.keyId ?? '')
  assert.deepEqual(
    (await found()).map(({ keyId }) => keyId),
    [events[1]?.keyId],
    'not the one that was tried a moment ago',
  )
})

test('what is due is found by the index, however much waits', async () => {
  const { executionStats } = await store.db
    .collection('pending_receipts')
    .find({ $expr: { $lte: ['$nextTryAt', '$$NOW'] } })
    .sort({ nextTryAt: 1 })
    .explain('executionStats')
  assert.equal(executionStats.totalDocsExamined, executionStats.nReturned)
})

test('an event that says what MongoDB would read as an expression is kept as it says it', async () => {
  const event = { ...evidence(), keyId: `$status-${randomUUID()}`, remoteJid: '$$ROOT' }
  await store.pendingReceipts.store([event])
  const [found] = await evidenceFor(event, 'message')
  assert.deepEqual([found?.keyId, found?.remoteJid], [event.keyId, '$$ROOT'])
})

test('evidence proves one message only, and that one again after a crash', async () => {
  const event = evidence()
  await store.pendingReceipts.store([event])
  const [candidate] = await evidenceFor(event, 'first')
  assert.ok(candidate !== undefined)
  const taken = await Promise.all(
    ['first', 'second'].map((message) => store.pendingReceipts.markEvidenceUsed(candidate.id, message)),
  )
  assert.equal(taken.filter(Boolean).length, 1)
  const [winner, loser] = taken[0] ? ['first', 'second'] : ['second', 'first']
  assert.equal(await store.pendingReceipts.markEvidenceUsed(candidate.id, winner), true)
  assert.equal((await evidenceFor(event, winner)).length, 1)
  assert.deepEqual(await evidenceFor(event, loser), [])
})

function receipt(): Receipt {
  return { instanceId: randomUUID(), keyId: randomUUID(), status: 'DELIVERY_ACK', at: new Date() }
}

function evidence(): SentEvidence {
  const at = new Date(1_800_000_000_000)
  return {
    instanceId: randomUUID(),
    keyId: randomUUID(),
    status: 'sent',
    remoteJid: '55@s',
    textHash: 'a'.repeat(64),
    at,
  }
}

async function evidenceFor({ instanceId }: SentEvidence, messageId: string) {
  const from = new Date((await databaseTime()).getTime() - MINUTE_MS)
  return await store.pendingReceipts.evidenceFor({ instanceId, textHash: 'a'.repeat(64), from, messageId })
}

async function databaseTime(): Promise<Date> {
  return (await store.db.command({ hello: 1 }))['localTime']
}

/** Moves the time at which an event was stored. */
async function shift(keyId: string, ms: number): Promise<void> {
  const update = [{ $set: { storedAt: { $add: ['$storedAt', ms] } } }]
  await store.db.collection('pending_receipts').updateMany({ keyId }, update)
}

async function dueOf(keyId: string) {
  return (await store.pendingReceipts.due(1000)).filter((each) => each.keyId === keyId)
}

async function makeDue(keyId: string): Promise<void> {
  await store.db.collection('pending_receipts').updateMany({ keyId }, { $set: { nextTryAt: new Date(0) } })
}

async function nextTryInMs(keyId: string): Promise<number> {
  const row = await store.db.collection<{ nextTryAt: Date }>('pending_receipts').findOne({ keyId })
  return (row?.nextTryAt.getTime() ?? 0) - Date.now()
}
