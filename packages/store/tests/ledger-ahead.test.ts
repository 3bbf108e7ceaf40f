import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { claimed, ingested, inserted, outcomeOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()

test('a message waits for those of its lane that come before it and are not done with, and for no others', async () => {
  const instance = randomUUID()
  const first = await claimed(store, { instance })
  const message = ingested({ instance })
  await store.ledger.insert([message], new Date())
  await inserted(store, { instance })
  await inserted(store, { instance, to: '+5511999992000', appendedAt: 1 })
  await inserted(store, { instance: randomUUID(), appendedAt: 1 })
  await inserted(store, { instance, appendedAt: 1, sendAt: new Date(Date.now() + 3_600_000).toISOString() })
  const place = { instance, to: message.record.to, appendedAt: message.appendedAt, offset: message.offset }
  assert.equal(await store.ledger.hasRowAhead(place), true)
  await store.ledger.recordOutcomes([outcomeOf(first, 'sent')])
  assert.equal(await store.ledger.hasRowAhead(place), false)
})

test('of two that came at the same moment the offset says which comes first', async () => {
  const instance = randomUUID()
  const [a, b] = [ingested({ instance, appendedAt: 5 }), ingested({ instance, appendedAt: 5 })]
  await store.ledger.insert([a, b], new Date())
  const isBehind = ({ appendedAt, offset }: typeof a) =>
    store.ledger.hasRowAhead({ instance, to: a.record.to, appendedAt, offset })
  assert.deepEqual([await isBehind(a), await isBehind(b)], [false, true])
})
