import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { claimed, inserted, outcomeOf, rowOf } from './ledger-rows.ts'
import { planIn } from './profile.ts'
import { openTestStore } from './test-store.ts'

const HOUR_MS = 3_600_000

test('what is unfinished is counted in an index, without a look at any row, and dead letters without one at others', async () => {
  const store = await openTestStore()
  for (let n = 0; n < 50; n += 1) await inserted(store)
  const [sent, failed] = [await claimed(store), await claimed(store)]
  await store.ledger.recordOutcomes([outcomeOf(sent, 'sent'), outcomeOf(failed, 'failed')])
  assert.deepEqual(await store.ledger.countRows(), { open: 50, deadLetters: 1, kept: 52 })
  const { rows } = await planIn(store, () => store.ledger.countRows())
  assert.ok(rows <= 1, `${rows} rows were read`)
})

test('a message is ready since it was accepted, since its retry, or since a mark opened it, whichever came last', async () => {
  const store = await openTestStore()
  const oldest = async () => {
    const { waiting } = await store.ledger.countWaiting()
    return waiting.find(({ state }) => state === 'ready')?.oldestDueAt?.getTime()
  }
  const instance = randomUUID()
  const id = await inserted(store, { instance, appendedAt: Date.now() - HOUR_MS })
  assert.equal(await oldest(), (await rowOf(store, id)).appendedAt.getTime())
  const claim = randomUUID()
  await store.ledger.claim({ ids: [id], token: claim, by: 'process' })
  await store.ledger.recordOutcomes([outcomeOf({ id, claim }, 'failed')])
  await store.ledger.replay({ id, user: 'ana' }, { by: 'ana' })
  const marked = await rowOf(store, id)
  await store.ledger.wake([instance], new Date(Date.now() + 1000))
  const [row] = await store.ledger.load({ instance, limit: 1 })
  assert.equal(row?.wokenAt, marked.wakeAt?.getTime())
  assert.ok((row?.wokenAt ?? 0) > (row?.appendedAt ?? 0))
  assert.equal(await oldest(), row?.wokenAt)
})
