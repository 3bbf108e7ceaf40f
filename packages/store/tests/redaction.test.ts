import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimed, inserted, outcomeOf, rowOf, rowsOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const HOUR_MS = 3_600_000

test('what ended long enough ago loses its content and nothing else, in steps, and is not looked at again', async () => {
  const store = await openTestStore()
  const ended: string[] = []
  for (let n = 0; n < 7; n++) {
    const { id, claim } = await claimed(store)
    await store.ledger.recordOutcomes([outcomeOf({ id, claim }, n % 2 === 0 ? 'sent' : 'failed')])
    ended.push(id)
  }
  const open = await inserted(store)
  const before = await rowOf(store, ended[0] ?? '')
  const step = (hoursLater: number, limit = 3) =>
    store.ledger.redact({ now: new Date(Date.now() + hoursLater * HOUR_MS), afterMs: HOUR_MS, limit })

  assert.deepEqual(await step(0.9), { seen: 0 })
  assert.deepEqual([await step(1.1), await step(1.1), await step(1.1)], [{ seen: 3 }, { seen: 3 }, { seen: 1 }])
  assert.deepEqual(await step(1.1), { seen: 0 })
  const { redacted, ...after } = await rowOf(store, ended[0] ?? '')
  assert.ok(redacted)
  assert.deepEqual(after, { ...before, content: {} })
  assert.deepEqual((await rowOf(store, open)).content, { text: 'Hi' })
  assert.equal(await rowsOf(store).countDocuments({ redacted: { $exists: true } }), 7)
})

test('what ended in one moment is all found, however many there are', async () => {
  const store = await openTestStore()
  for (let n = 0; n < 9; n++) await inserted(store)
  await rowsOf(store).updateMany({}, { $set: { status: 'cancelled', expireAt: new Date() }, $unset: { open: 1 } })
  const later = { now: new Date(Date.now() + HOUR_MS), afterMs: 1, limit: 4 }
  const seen = [await store.ledger.redact(later), await store.ledger.redact(later), await store.ledger.redact(later)]
  assert.deepEqual(
    seen.map((each) => each.seen),
    [4, 4, 1],
  )
})

test('a dead letter without content is not replayed, and one that was replayed before keeps its content', async () => {
  const store = await openTestStore()
  const [gone, replayed] = [await claimed(store), await claimed(store)]
  for (const { id, claim } of [gone, replayed]) await store.ledger.recordOutcomes([outcomeOf({ id, claim }, 'failed')])
  await store.ledger.replay({ id: replayed.id }, { by: 'ana' })
  await store.ledger.redact({ now: new Date(Date.now() + HOUR_MS), afterMs: 1, limit: 10 })
  assert.equal((await store.ledger.replay({ id: gone.id }, { by: 'ana' }))?.kind, 'refused')
  assert.deepEqual(await store.ledger.replayMatching({}, { by: 'ana', limit: 10 }), {
    done: 0,
    seen: 1,
    next: undefined,
  })
  assert.deepEqual((await rowOf(store, replayed.id)).content, { text: 'Hi' })
})
