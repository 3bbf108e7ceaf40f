import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Store } from '@whatsapp-sender/store'
import { createBulkStep } from '../src/bulk-operations/bulk-step.ts'
import { createStepWorker } from '../src/step-worker.ts'
import { manyWaiting } from './ledger-messages.ts'
import { ANA, openOwnStore } from './own-store.ts'
import { until } from './until.ts'

let store: Store
let drop: () => Promise<void>

before(async () => {
  const own = await openOwnStore()
  store = own.store
  drop = own.drop
})
after(() => drop())

/** Of one process. */
function workerOf(ledger: Parameters<typeof createBulkStep>[0]['ledger']) {
  const failedWith: unknown[] = []
  const step = createBulkStep({
    ledger,
    findUser: () => ANA,
    auditBulk: async () => {},
    onFailed: (err) => failedWith.push(err),
  })
  const onFailed = (err: unknown) => failedWith.push(err)
  return { ...createStepWorker({ name: 'bulk', orders: store.bulkOperations, step, onFailed }), failedWith }
}

test('an operation whose process died within a chunk is gone on with, and each message is dealt with and counted once', async () => {
  await manyWaiting(store, ANA.id, 3000)
  const order = { kind: 'cancel', filter: { user: ANA.id, statuses: ['queued'], acceptedUntil: new Date() } } as const
  const made = await store.bulkOperations.order({ by: ANA.id, address: '', order, from: undefined })
  assert.ok(made !== 'too-many')
  const find = async () => (await store.bulkOperations.find({ id: made.id, by: ANA.id })) ?? assert.fail()

  const { ledger } = store
  let chunks = 0
  const died = Promise.withResolvers<never>()
  const dying = workerOf({
    ...ledger,
    cancelThese: async (ids, how) => {
      // Half of the third is written when the process is gone: nothing is noted, and the lease is not given back.
      if (++chunks < 3) return await ledger.cancelThese(ids, how)
      await ledger.cancelThese(ids.slice(0, 250), how)
      return await died.promise
    },
  })
  await dying.start?.()
  const cancelled = () => store.db.collection('messages').countDocuments({ status: 'cancelled' })
  for (const count of [500, 1000, 1250]) await until('it goes on', async () => (await cancelled()) >= count)
  assert.equal(await cancelled(), 1250)
  assert.deepEqual((await find()).counts, { seen: 1000, done: 1000 })

  const heir = workerOf(ledger)
  await store.db.collection('bulk_operations').updateMany({}, { $set: { 'lease.until': new Date(0) } })
  await heir.start?.()
  for (const count of [1500, 2000, 2500, 3000]) await until('it goes on', async () => (await cancelled()) >= count)
  await until('it is done', async () => (await find()).status === 'done')
  assert.deepEqual((await find()).counts, { seen: 3000, done: 3000 })
  assert.equal(
    await store.db.collection('messages').countDocuments({ status: 'cancelled', actions: { $size: 1 } }),
    3000,
  )
  assert.deepEqual(heir.failedWith, [])
  await heir.stop?.()
  // Whoever was only slow finds that another has done it.
  died.reject(new Error('the answer came too late'))
  await dying.stop?.()
  assert.deepEqual((await find()).counts, { seen: 3000, done: 3000 })
})
