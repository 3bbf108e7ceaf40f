import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from './test-store.ts'

const TO = '+5511999991000'
const ORDER = { kind: 'replay', filter: { user: 'ana', to: TO, reason: 'not-on-whatsapp' }, expiresAt: null } as const

test('the recipient of an order is sealed at rest, open to whoever holds it, and forgotten with the filter at its end', async () => {
  const store = await openTestStore()
  const stored = async () => JSON.stringify(await store.db.collection('bulk_operations').find().toArray())
  await store.bulkOperations.order({ by: 'ana', address: '203.0.113.7', order: ORDER, from: undefined })
  assert.ok(!(await stored()).includes(TO.slice(1)))
  const held = await store.bulkOperations.hold('p')
  assert.deepEqual([held?.order, held?.address], [ORDER, '203.0.113.7'])
  assert.ok(held && (await store.bulkOperations.note(held.id, 'p', { status: 'done' })))
  for (const forgotten of ['sealedTo', 'not-on-whatsapp', '203.0.113.7'])
    assert.ok(!(await stored()).includes(forgotten))
  const ended = await store.db.collection('bulk_operations').findOne()
  assert.equal(ended?.['expireAt'].getTime() - ended?.['doneAt'].getTime(), 30 * 86_400_000)
})

test('an order that nobody can read any more is held without what it was, and keeps nobody else from his turn', async () => {
  const store = await openTestStore()
  const made = await store.bulkOperations.order({ by: 'ana', address: '', order: ORDER, from: undefined })
  await store.db.collection('bulk_operations').updateOne({}, { $set: { sealedTo: 'gone.AAAA' } })
  const held = await store.bulkOperations.hold('p')
  assert.ok(made !== 'too-many')
  assert.deepEqual([held?.id, held?.order], [made.id, undefined])
})

test('one that is held is of nobody else until its lease is over, and then the first holder notes nothing', async () => {
  const store = await openTestStore()
  const operations = store.bulkOperations
  const made = await operations.order({ by: 'ana', address: '', order: ORDER, from: { at: 7, id: 'x' } })
  assert.ok(made !== 'too-many')
  assert.deepEqual((await operations.hold('dead'))?.place, { at: 7, id: 'x' })
  const chunk = { ids: ['a', 'b'], next: { at: 5, id: 'b' } }
  assert.ok(await operations.note(made.id, 'dead', { chunk }))
  assert.equal(await operations.hold('heir'), undefined)
  await store.db.collection('bulk_operations').updateOne({}, { $set: { 'lease.until': new Date(0) } })
  assert.deepEqual((await operations.hold('heir'))?.chunk, chunk)
  assert.equal(await operations.note(made.id, 'dead', { chunk: undefined, counts: { seen: 2, done: 2 } }), false)
  const change = { chunk: undefined, place: chunk.next, counts: { seen: 2, done: 2 } }
  assert.ok(await operations.note(made.id, 'heir', change))
  await operations.release(made.id, 'heir')
  const next = await operations.hold('third')
  assert.deepEqual([next?.chunk, next?.place, next?.counts], [undefined, chunk.next, { seen: 2, done: 2 }])
})
