import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimed, outcomeOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
const { ledger } = store

test('messages of an instance that were given up lately are found, and no other', async () => {
  const before = new Date(Date.now() - 1000)
  const [unknown, failed] = [await claimed(store), await claimed(store)]
  const foreign = await claimed(store, { instanceId: 'instance-2' })
  await ledger.recordOutcomes([
    outcomeOf(unknown, 'unknown'),
    outcomeOf(failed, 'failed'),
    outcomeOf(foreign, 'unknown'),
  ])
  const found = await ledger.unknownMessages('instance-1', before)
  assert.deepEqual(
    found.map(({ id, claim }) => [id, claim]),
    [[unknown.id, unknown.claim]],
  )
  assert.deepEqual(await ledger.unknownMessages('instance-1', new Date(Date.now() + 60_000)), [])
  assert.equal(await ledger.recordOutcomes([outcomeOf(unknown, 'sent')]), 1)
  assert.deepEqual(await ledger.unknownMessages('instance-1', before), [], 'once it is proven it is no more')
})

test('it reads only what ended since then', async () => {
  const explained = await store.db
    .collection('messages')
    .find({ attention: 1, instanceId: 'instance-1', failedAt: { $gte: new Date() }, status: 'unknown' })
    .sort({ failedAt: -1 })
    .explain('executionStats')
  assert.match(JSON.stringify(explained['queryPlanner'].winningPlan), /given_up/)
  assert.ok(!JSON.stringify(explained['queryPlanner'].winningPlan).includes('"SORT"'))
})
