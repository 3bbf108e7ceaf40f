import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ARROWS, MESSAGE_STATUSES } from '@whatsapp-sender/contract'
import fc from 'fast-check'
import type { Receipt } from '../src/index.ts'
import { applyReceipts } from '../src/ledger/apply-receipts.ts'
import { claim, claimed, outcomeOf, rowOf, rowsOf, withLostAnswer } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
const { ledger } = store

test('receipts move a sent message on, one by one', async () => {
  const { id, receipt } = await sent()
  assert.ok('askAt' in (await rowOf(store, id)))
  await ledger.applyReceipts([receipt('DELIVERY_ACK', 1)])
  const delivered = await rowOf(store, id)
  assert.deepEqual([delivered.status, delivered.deliveredAt, delivered.readAt], ['delivered', at(1), undefined])
  assert.ok(!('askAt' in delivered))
  await ledger.applyReceipts([receipt('READ', 2)])
  await ledger.applyReceipts([receipt('PLAYED', 3)])
  const played = await rowOf(store, id)
  assert.deepEqual([played.status, played.deliveredAt, played.readAt, played.playedAt], ['read', at(1), at(2), at(3)])
})

test('a receipt writes its own fields and leaves every other as it was', async () => {
  const { id, receipt } = await sent()
  const { status: _status, askAt: _askAt, ...before } = await rowOf(store, id)
  await ledger.applyReceipts([receipt('READ', 1)])
  assert.deepEqual(await rowOf(store, id), { ...before, status: 'read', readAt: at(1) })
})

test('a read or played receipt alone is enough', async () => {
  for (const status of ['READ', 'PLAYED'] as const) {
    const { id, receipt } = await sent()
    await ledger.applyReceipts([receipt(status, 1)])
    const row = await rowOf(store, id)
    assert.deepEqual([row.status, row.readAt, row.deliveredAt], ['read', at(1), undefined])
    assert.deepEqual(row.playedAt, status === 'PLAYED' ? at(1) : undefined)
  }
})

test('receipts out of order or repeated, in one write or in many, never move a message back or a time on', async () => {
  const together = await sent()
  const apart = await sent()
  const order = (receipt: typeof together.receipt) => [
    receipt('READ', 1),
    receipt('DELIVERY_ACK', 2),
    receipt('READ', 3),
    receipt('DELIVERY_ACK', 4),
  ]
  await ledger.applyReceipts(order(together.receipt))
  for (const receipt of order(apart.receipt)) await ledger.applyReceipts([receipt])
  for (const { id } of [together, apart]) {
    const row = await rowOf(store, id)
    assert.deepEqual([row.status, row.readAt, row.deliveredAt], ['read', at(1), at(2)])
    assert.ok(!('askAt' in row))
  }
})

test('an error ends a message that is only sent, and asks for attention', async () => {
  const { id, receipt } = await sent()
  const { expireAt } = await rowOf(store, id)
  await ledger.applyReceipts([receipt('ERROR', 1)])
  const row = await rowOf(store, id)
  assert.deepEqual(
    [row.status, row.failedAt, row.attention, row.reason?.code, row.expireAt],
    ['failed', at(1), 1, 'refused-by-whatsapp', expireAt],
  )
  assert.ok(!('askAt' in row))
})

test('an error after delivery does nothing, in one write or in two', async () => {
  const together = await sent()
  const apart = await sent()
  await ledger.applyReceipts([together.receipt('DELIVERY_ACK', 1), together.receipt('ERROR', 2)])
  await ledger.applyReceipts([apart.receipt('DELIVERY_ACK', 1)])
  await ledger.applyReceipts([apart.receipt('ERROR', 2)])
  for (const { id } of [together, apart]) {
    const row = await rowOf(store, id)
    assert.equal(row.status, 'delivered')
    for (const field of ['reason', 'attention', 'failedAt'] as const) assert.ok(!(field in row), field)
  }
})

test('a message that WhatsApp refused stays failed, whatever comes later', async () => {
  const { id, receipt } = await sent()
  await ledger.applyReceipts([receipt('ERROR', 1), receipt('DELIVERY_ACK', 2), receipt('READ', 3)])
  await ledger.applyReceipts([receipt('READ', 4), receipt('ERROR', 5)])
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.failedAt], ['failed', at(1)])
})

test('a receipt does not move a message that is not sent any more, or not sent yet', async () => {
  const { id, receipt } = await sent()
  for (const status of ['queued', 'sending', 'unknown', 'dead-lettered', 'cancelled', 'expired'] as const) {
    await rowsOf(store).updateOne({ _id: id }, { $set: { status } })
    await ledger.applyReceipts([receipt('READ', 1), receipt('ERROR', 2), receipt('DELIVERY_ACK', 3)])
    assert.equal((await rowOf(store, id)).status, status)
  }
})

test('many receipts at once do what they do one by one, from every status, and only along the arrows of receipts', async () => {
  const batch = fc.array(fc.constantFrom('DELIVERY_ACK', 'READ', 'PLAYED', 'ERROR'), { minLength: 1, maxLength: 4 })
  const { id, receipt } = await sent()
  const row = await rowOf(store, id)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...MESSAGE_STATUSES), batch, async (status, statuses) => {
      const receipts = statuses.map((each, second) => receipt(each, second))
      await rowsOf(store).replaceOne({ _id: id }, { ...row, status })
      await ledger.applyReceipts(receipts)
      const together = await rowOf(store, id)
      await rowsOf(store).replaceOne({ _id: id }, { ...row, status })
      for (let before = status, at = 0; at < receipts.length; at++) {
        await ledger.applyReceipts(receipts.slice(at, at + 1))
        const after = (await rowOf(store, id)).status
        const moved = ARROWS.some(({ from, to, by }) => by === 'receipt' && from === before && to === after)
        assert.ok(moved || after === before, `${before} → ${after}`)
        before = after
      }
      assert.deepEqual(together, await rowOf(store, id))
    }),
    { numRuns: 80 },
  )
})

test('receipts that no row knows are told by their places, and the others are applied all the same', async () => {
  const { id, receipt } = await sent()
  const stranger: Receipt = { ...receipt('READ', 1), keyId: randomUUID() }
  const { unknown } = await ledger.applyReceipts([stranger, receipt('READ', 1), stranger, { ...stranger, keyId: 'x' }])
  assert.deepEqual(unknown, [0, 2, 3])
  assert.equal((await rowOf(store, id)).status, 'read')
  assert.deepEqual(await ledger.applyReceipts([]), { unknown: [] })
})

test('a receipt of another instance with the same id is unknown and touches nothing', async () => {
  const { id, receipt } = await sent()
  const before = await rowOf(store, id)
  const foreign = { ...receipt('READ', 1), instanceId: 'instance-2' }
  assert.deepEqual(await ledger.applyReceipts([foreign]), { unknown: [0] })
  assert.deepEqual(await rowOf(store, id), before)
})

test('two instances whose messages have the same id are kept apart in one write', async () => {
  const keyId = randomUUID()
  const one = await sent({ keyId, instanceId: 'instance-1' })
  const two = await sent({ keyId, instanceId: 'instance-2' })
  await ledger.applyReceipts([one.receipt('DELIVERY_ACK', 1), two.receipt('READ', 2)])
  assert.deepEqual([(await rowOf(store, one.id)).status, (await rowOf(store, two.id)).status], ['delivered', 'read'])
})

test('receipts of two attempts of one message meet in its row', async () => {
  const first = await sent()
  await rowsOf(store).updateOne({ _id: first.id }, { $set: { status: 'queued', open: 1 } })
  const keyId = randomUUID()
  const token = await claim(store, first.id)
  await ledger.recordOutcomes([outcomeOf({ id: first.id, claim: token }, 'sent', { providerMessageId: keyId })])
  const { unknown } = await ledger.applyReceipts([
    first.receipt('READ', 1),
    { ...first.receipt('DELIVERY_ACK', 2), keyId },
  ])
  const row = await rowOf(store, first.id)
  assert.deepEqual([unknown, row.status, row.readAt, row.deliveredAt], [[], 'read', at(1), at(2)])
})

test('receipts whose write was not answered are written again to the same effect', async () => {
  const { id, receipt } = await sent()
  await applyReceipts(withLostAnswer(rowsOf(store)), [receipt('DELIVERY_ACK', 1), receipt('READ', 2)])
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.deliveredAt, row.readAt], ['read', at(1), at(2)])
})

test('receipts of a message that is traced come back with its trace, and of no other', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const [traced, other] = [await sent({ traceparent }), await sent()]
  const [delivered, read] = [traced.receipt('DELIVERY_ACK', 1), traced.receipt('READ', 2)]
  assert.deepEqual(await ledger.applyReceipts([other.receipt('READ', 1), delivered, read]), {
    unknown: [],
    traced: [delivered, read].map((receipt) => ({ receipt, messageId: traced.id, traceparent })),
  })
  assert.deepEqual(await ledger.applyReceipts([other.receipt('PLAYED', 3)]), { unknown: [] })
})

test('known ids are those that a row of that very instance has', async () => {
  const { keyId } = await sent()
  const ids = [
    { instanceId: 'instance-1', keyId },
    { instanceId: 'instance-2', keyId },
    { instanceId: 'instance-1', keyId: randomUUID() },
  ]
  assert.deepEqual([...(await ledger.providerIdsKnown(ids))], [`instance-1/${keyId}`])
  assert.equal((await ledger.providerIdsKnown([])).size, 0)
})

function at(second: number): Date {
  return new Date(1_800_000_000_000 + second * 1000)
}

async function sent({
  keyId = randomUUID(),
  instanceId = 'instance-1',
  ...facts
}: {
  keyId?: string
  instanceId?: string
  traceparent?: string
} = {}) {
  const message = await claimed(store, { instanceId, ...facts })
  await ledger.recordOutcomes([outcomeOf(message, 'sent', { providerMessageId: keyId })])
  const receipt = (status: Receipt['status'], second: number): Receipt => ({
    instanceId,
    keyId,
    status,
    at: at(second),
  })
  return { id: message.id, keyId, receipt }
}
