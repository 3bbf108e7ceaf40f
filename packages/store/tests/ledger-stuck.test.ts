import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { claimed, outcomeOf, rowOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const STUCK_AFTER_MS = 60_000
const store = await openTestStore({ stuckAfterMs: STUCK_AFTER_MS })
const { ledger } = store

test('a sent message is overdue when its time has passed without a receipt, and not before', async () => {
  const { id, sentAt } = await sent()
  const isOverdue = async (afterMs: number) =>
    (await ledger.overdueReceipts(new Date(sentAt + afterMs), 100)).some((each) => each.id === id)
  assert.equal(await isOverdue(STUCK_AFTER_MS - 1), false)
  assert.equal(await isOverdue(STUCK_AFTER_MS), true)
})

test('a stuck message is asked for five times, after waits that double, and stays stuck', async () => {
  const { id, sentAt } = await sent()
  const askedAt: number[] = []
  for (let minute = 1; minute <= 60; minute++) {
    const now = new Date(sentAt + minute * STUCK_AFTER_MS)
    if (!(await ledger.overdueReceipts(now, 100)).some((each) => each.id === id)) continue
    askedAt.push(minute)
    await ledger.markStuck([id], now)
  }
  assert.deepEqual(askedAt, [1, 2, 4, 8, 16])
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.stuck, row.askAt], ['sent', true, undefined])
})

test('a receipt that comes after all leaves nothing of it', async () => {
  const { id, keyId, now } = await stuck()
  await ledger.applyReceipts([{ instanceId: 'instance-1', keyId, status: 'DELIVERY_ACK', at: now }])
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.stuck, row.askAt, row.asked], ['delivered', undefined, undefined, undefined])
})

test('a receipt that came a moment before wins over the mark', async () => {
  const { id, keyId, sentAt } = await sent()
  const now = new Date(sentAt + STUCK_AFTER_MS)
  assert.ok((await ledger.overdueReceipts(now, 100)).some((each) => each.id === id))
  await ledger.applyReceipts([{ instanceId: 'instance-1', keyId, status: 'READ', at: now }])
  await ledger.markStuck([id], now)
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.stuck], ['read', undefined])
})

test('marking twice at once asks once', async () => {
  const { id, now } = await stuck()
  await ledger.markStuck([id], now)
  assert.equal((await rowOf(store, id)).asked, 1)
})

async function sent() {
  const message = await claimed(store)
  const keyId = randomUUID()
  await ledger.recordOutcomes([outcomeOf(message, 'sent', { providerMessageId: keyId })])
  const { sentAt } = await rowOf(store, message.id)
  return { id: message.id, keyId, sentAt: sentAt?.getTime() ?? 0 }
}

async function stuck() {
  const message = await sent()
  const now = new Date(message.sentAt + STUCK_AFTER_MS)
  await ledger.markStuck([message.id], now)
  assert.equal((await rowOf(store, message.id)).stuck, true)
  return { ...message, now }
}
