import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CancelledMessage } from '../src/index.ts'
import { claimed, inserted, rowsOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

let counts: number[] = []
let traced: CancelledMessage[] = []
const store = await openTestStore({
  cancelWatch: {
    cancelled: (messages) => counts.push(messages),
    tracedCancelled: (messages) => traced.push(...messages),
  },
})
const { ledger } = store

test('who watches hears how many were cancelled, and which of those that are traced, however they were', async () => {
  const traceparent = TRACEPARENT
  const one = await inserted(store, { traceparent })
  await ledger.cancel({ id: one, by: 'ana' })
  await ledger.cancel({ id: one, by: 'ana' })
  assert.deepEqual(told(), { counts: [1], traced: [[one, 'cancelled']] })

  const many = [await inserted(store, { traceparent }), await inserted(store), await inserted(store, { traceparent })]
  const { id: sending } = await claimed(store, { traceparent })
  await rowsOf(store).updateOne({ _id: String(many[2]) }, { $set: { mayHaveLeft: true } })
  await ledger.cancelThese([...many, sending, one], { user: 'ana', by: 'ana' })
  const { traced: ofMany, ...counted } = told()
  assert.deepEqual(counted, { counts: [3] })
  assert.deepEqual(
    new Map(ofMany),
    new Map([
      [many[0], 'cancelled'],
      [many[2], 'unknown'],
    ]),
  )

  const campaign = 'campaign-1'
  const ofCampaign = [await inserted(store, { campaign, traceparent }), await inserted(store, { campaign })]
  await ledger.cancelCampaign({ campaign, user: 'ana' })
  assert.deepEqual(told(), { counts: [2], traced: [[ofCampaign[0], 'cancelled']] })
})

test('what is cancelled for an erasure is counted, and its trace is told nothing more', async () => {
  const to = '+5511999991999'
  await inserted(store, { to, traceparent: TRACEPARENT })
  await ledger.cancelAllTo({ user: 'ana', numbers: [to], acceptedUntil: new Date() }, 'ana')
  assert.deepEqual(told(), { counts: [1], traced: [] })
})

function told() {
  const all = { counts, traced: traced.map(({ id, status }): [string | undefined, string] => [id, status]) }
  counts = []
  traced = []
  return all
}
