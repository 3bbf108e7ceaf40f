import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mongo } from 'mongoose'
import type { MessageCollection } from '../src/index.ts'
import { insertMessages } from '../src/ledger/insert-messages.ts'
import { claimed, ingested, outcomeOf, rowOf, rowsOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
const { ledger } = store

test('new, repeated and refused messages are told apart, whatever their order, and one never stops another', async () => {
  const own = await openTestStore()
  await own.db.command({ collMod: 'messages', validator: { reference: { $ne: 'refuse' } } })
  const known = ingested()
  await own.ledger.insert([known], new Date())
  const refused = ingested({ reference: 'refuse' })
  const [first, last] = [ingested(), ingested()]
  const result = await own.ledger.insert([first, known, refused, last, last], new Date())
  assert.deepEqual(result.inserted, [first, last])
  assert.deepEqual(result.duplicates, [known, last])
  assert.deepEqual(
    result.refused.map(({ message }) => message),
    [refused],
  )
  assert.match(result.refused[0]?.detail ?? '', /^121: /)
  assert.equal(await rowsOf(own).countDocuments(), 3)
})

test('what the server refuses for a passing reason fails as a whole, and no message counts as refused', async () => {
  const own = await openTestStore()
  await own.db.command({ collMod: 'messages', validator: { reference: { $ne: 'refuse' } } })
  const pair = () => [ingested(), ingested({ reference: 'refuse' })]
  for (const code of [50, 91, 112, 189, 8000]) {
    await assert.rejects(insertMessages(withErrorCode(rowsOf(own), code), pair(), new Date()), `code ${code}`)
  }
  const messages = pair()
  const { refused } = await insertMessages(withErrorCode(rowsOf(own), 10_334), messages, new Date())
  assert.deepEqual(
    refused.map(({ message }) => message),
    messages.slice(1),
  )
})

test('messages that cannot even be written down are refused, and no other', async () => {
  const mebibytes = (count: number) => ingested({ reference: 'x'.repeat(count * 1024 * 1024) })
  const broken = [ingested({ metadata: { 'a\0b': 'x' } }), mebibytes(16.5), mebibytes(17)]
  const good = broken.map(() => ingested())
  const messages = broken.flatMap((message, index) => [...good.slice(index, index + 1), message])
  const result = await ledger.insert(messages, new Date())
  assert.deepEqual([result.inserted, result.duplicates], [good, []])
  assert.deepEqual(
    result.refused.map(({ message }) => message.record.id),
    broken.map(({ record }) => record.id),
  )
})

test('whether a message is for later is told by the clock that is handed in', async () => {
  const sendAt = '2026-06-01T12:00:00.000Z'
  const [early, late] = [ingested({ sendAt }), ingested({ sendAt, wake: true })]
  await ledger.insert([early], new Date('2026-06-01T11:59:59Z'))
  const now = new Date('2026-06-01T12:00:01Z')
  await ledger.insert([late], now)
  assert.equal((await rowOf(store, early.record.id)).status, 'scheduled')
  const { status, createdAt, wakeAt } = await rowOf(store, late.record.id)
  assert.deepEqual({ status, createdAt, wakeAt }, { status: 'queued', createdAt: now, wakeAt: now })
})

test('inserting again changes no row, however far it has come', async () => {
  const messages = [ingested(), ingested(), ingested()]
  const ids = messages.map(({ record }) => record.id)
  assert.deepEqual((await ledger.insert(messages, new Date())).inserted, messages)
  const [sent = '', waits = ''] = ids
  await ledger.claim({ ids: [sent], token: 'token', by: 'process' })
  await ledger.recordOutcomes([outcomeOf({ id: sent, claim: 'token' }, 'sent')])
  const before = [await rowOf(store, sent), await rowOf(store, waits)]
  const again = await ledger.insert(messages, new Date())
  assert.deepEqual([again.inserted, again.duplicates, again.refused], [[], messages, []])
  assert.deepEqual([await rowOf(store, sent), await rowOf(store, waits)], before)
})

test('of many inserts of one message at once exactly one is the first', async () => {
  const message = ingested()
  const results = await Promise.all(Array.from({ length: 16 }, () => ledger.insert([message], new Date())))
  assert.equal(results.flatMap(({ inserted }) => inserted).length, 1)
  assert.equal(results.flatMap(({ duplicates }) => duplicates).length, 15)
})

test('another body under the same id is noted once, and the first one is kept', async () => {
  const first = ingested({ content: { text: 'first' } })
  const other = (bodyHash: string) => ({ ...first, record: { ...first.record, content: { text: 'other' }, bodyHash } })
  await ledger.insert([first], new Date())
  await ledger.insert([first, other('b'.repeat(64)), other('b'.repeat(64))], new Date())
  await Promise.all([1, 2, 3].map(() => ledger.insert([other('b'.repeat(64)), other('c'.repeat(64))], new Date())))
  const row = await rowOf(store, first.record.id)
  assert.deepEqual(row.content, { text: 'first' })
  assert.deepEqual(row.conflicts?.map(({ bodyHash }) => bodyHash[0]).sort(), ['b', 'c'])
})

test('an insert that is not acknowledged fails, also when every row is there already', async () => {
  const unacknowledged = store.db.collection<Awaited<ReturnType<typeof rowOf>>>('messages', {
    writeConcern: { w: 2, wtimeoutMS: 50 },
  })
  const message = ingested()
  await assert.rejects(insertMessages(unacknowledged, [message], new Date()))
  await assert.rejects(insertMessages(unacknowledged, [message], new Date()))
  assert.deepEqual((await ledger.insert([message], new Date())).duplicates, [message])
})

test('a message for later is scheduled, wakes its owner then, and is ordered by that time', async () => {
  const sendAt = new Date(Date.now() + 3_600_000)
  const message = ingested({ sendAt: sendAt.toISOString(), wake: true })
  await ledger.insert([message], new Date())
  const row = await rowOf(store, message.record.id)
  const { status, wakeAt, appendedAt, offset } = row
  assert.deepEqual(
    { status, sendAt: row.sendAt, wakeAt, appendedAt, offset: BigInt(offset.toString()) },
    { status: 'scheduled', sendAt, wakeAt: sendAt, appendedAt: sendAt, offset: message.offset },
  )
})

test('a time to send that has passed is no schedule and does not change the order', async () => {
  const message = ingested({ sendAt: '2020-01-01T00:00:00Z', appendedAt: 1_700_000_000_000 })
  await ledger.insert([message], new Date())
  const row = await rowOf(store, message.record.id)
  assert.deepEqual([row.status, row.appendedAt.getTime(), row.wakeAt], ['queued', message.appendedAt, undefined])
})

test('a message whose owner is another process wakes him at once', async () => {
  const message = ingested({ wake: true })
  const before = Date.now()
  await ledger.insert([message], new Date())
  const { wakeAt } = await rowOf(store, message.record.id)
  assert.ok(wakeAt !== undefined && wakeAt.getTime() >= before && wakeAt.getTime() <= Date.now())
})

test('a row gives back what was accepted, to its user alone', async () => {
  const message = ingested({
    user: 'ana',
    offset: 2n ** 53n + 1n,
    reference: 'order',
    metadata: { '$a.b': '$x', '': 'y' },
    labels: { senderName: 'Ana' },
    expiresAt: '2030-01-01T00:00:00.000Z',
  })
  const { v: _v, id, acceptedAt, ...kept } = message.record
  await ledger.insert([message], new Date())
  const found = await ledger.findOwned('ana', id)
  assert.ok(found !== undefined)
  assert.deepEqual(
    { ...found, ...kept, acceptedAt: new Date(acceptedAt), expiresAt: new Date('2030-01-01T00:00:00.000Z') },
    found,
  )
  assert.deepEqual([found.id, found.offset, found.status], [id, message.offset, 'queued'])
  for (const stranger of ['bob', '', 'Ana', 'ana ']) assert.equal(await ledger.findOwned(stranger, id), undefined)
  assert.equal(await ledger.findOwned('ana', ''), undefined)
})

test('what only the owner needs is not shown', async () => {
  const { id, claim } = await claimed(store)
  await ledger.recordOutcomes([outcomeOf({ id, claim }, 'failed')])
  const shown = Object.keys((await ledger.findOwned('ana', id)) ?? {})
  for (const field of ['_id', 'claim', 'by', 'open', 'attention', 'expireAt', 'wakeAt'])
    assert.ok(!shown.includes(field), field)
})

/** A collection whose refusals of single rows carry this code. */
function withErrorCode(rows: MessageCollection, code: number): MessageCollection {
  const insertMany: MessageCollection['insertMany'] = (...args) =>
    rows.insertMany(...args).catch((error: unknown) => {
      assert.ok(error instanceof mongo.MongoBulkWriteError)
      for (const each of [error.writeErrors].flat()) each.err.code = code
      throw error
    })
  return new Proxy(rows, {
    get: (target, name) => (name === 'insertMany' ? insertMany : Reflect.get(target, name)),
  })
}
