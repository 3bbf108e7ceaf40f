import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { ActionResult } from '../src/index.ts'
import { claim, claimed, ingested, inserted, outcomeOf, rowOf, rowsOf, runOut } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const HOUR_MS = 3_600_000
const store = await openTestStore()
const { ledger } = store

test('a row that is claimed and cancelled at the same moment is one or the other', async () => {
  await race(
    (id) => ledger.cancel({ id, by: 'ana' }),
    async (id) => assert.equal((await rowOf(store, id)).status, 'cancelled'),
  )
})

test('a row that is claimed and put off at the same moment is sent at its old time, or not before the new one', async () => {
  const sendAt = new Date(Date.now() + HOUR_MS)
  await race(
    (id) => ledger.reschedule({ id, by: 'ana' }, { sendAt }),
    async (id) => {
      const row = await rowOf(store, id)
      assert.deepEqual([row.status, row.appendedAt], ['scheduled', sendAt])
      assert.equal((await ledger.claim({ ids: [id], token: 'early', by: 'p' })).size, 0)
      await ledger.wake([row.instance], new Date(Date.now() + 1000))
      assert.deepEqual([(await rowOf(store, id)).status, (await rowOf(store, id)).wakeAt], ['scheduled', sendAt])
    },
  )
})

/** `act` on 40 rows against a claim of each: one of the two has a row, never both and never none. */
async function race(act: (id: string) => Promise<ActionResult | unknown>, assertActed: (id: string) => Promise<void>) {
  const messages = Array.from({ length: 40 }, () => ingested())
  await ledger.insert(messages, new Date())
  const ids = messages.map(({ record }) => record.id)
  const claims = ids.map((id) => ledger.claim({ ids: [id], token: 'race', by: 'p' }))
  const acts = ids.map((id) => act(id))
  const [won, acted] = [await Promise.all(claims), await Promise.all(acts)]
  for (const [at, id] of ids.entries()) {
    const isWon = won[at]?.has(id) ?? false
    assert.equal(Object(acted[at]).kind, isWon ? 'refused' : 'done')
    if (isWon) assert.equal((await rowOf(store, id)).status, 'sending')
    else await assertActed(id)
  }
}

test('a cancelled message ends with its reason, wakes nobody, and is kept for the retention', async () => {
  const id = await inserted(store, { wake: true })
  await ledger.cancel({ id, by: 'ana' })
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.reason?.code, row.attention], ['cancelled', 'cancelled', undefined])
  for (const field of ['open', 'wakeAt', 'nextAttemptAt'] as const) assert.ok(!(field in row), field)
  assert.ok(row.expireAt !== undefined)
  assert.equal((await ledger.cancel({ id, by: 'ana' }))?.kind, 'refused')
  assert.equal((await rowOf(store, id)).actions?.length, 1)
})

test('an owner that holds a lane back for a message hears of its end', async () => {
  const soon = { nextAttemptAt: new Date(Date.now() + HOUR_MS) }
  for (const end of [
    (id: string) => ledger.cancel({ id, by: 'ana' }),
    async (id: string) => {
      await runOut(store, id)
      await ledger.endWaiting([id], 'expired', { code: 'expired', detail: '' })
    },
  ]) {
    const instance = randomUUID()
    const message = await claimed(store, { instance })
    await ledger.recordOutcomes([outcomeOf(message, 'queued', soon)])
    await end(message.id)
    assert.ok((await toWake()).includes(instance))
    await ledger.wake([instance], new Date())
    const row = await rowOf(store, message.id)
    assert.deepEqual([row.open, row.wakeAt], [undefined, undefined])
  }
})

test('what may have been sent is not cancelled but unknown, however many attempts ago, and an answer still counts', async () => {
  const id = await inserted(store)
  let last = ''
  for (let n = 0; n < 22; n++) {
    last = await claim(store, id)
    const outcome = outcomeOf({ id, claim: last }, 'queued')
    const error = { kind: n === 0 ? 'ambiguous' : 'transient', code: 'code', detail: '' }
    await ledger.recordOutcomes([{ ...outcome, attempt: { ...outcome.attempt, error } }])
  }
  const result = await ledger.cancel({ id, by: 'ana' })
  assert.ok(result?.kind === 'done')
  const { status, reason } = result.row
  assert.deepEqual([status, reason?.code], ['unknown', 'cancelled-after-ambiguous'])
  assert.equal((await rowOf(store, id)).attention, 1)
  assert.equal(await ledger.recordOutcomes([outcomeOf({ id, claim: last }, 'sent')]), 1)
  assert.equal((await rowOf(store, id)).status, 'sent')
})

test('an answer to the last attempt that comes after a replay ends the message, and it is not sent again', async () => {
  const message = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(message, 'unknown')])
  assert.equal((await ledger.replay({ id: message.id }, { by: 'ana' }))?.kind, 'done')
  assert.equal(await ledger.recordOutcomes([outcomeOf(message, 'sent')]), 1)
  const row = await rowOf(store, message.id)
  assert.deepEqual([row.status, row.open, row.wakeAt], ['sent', undefined, undefined])
  assert.equal((await ledger.claim({ ids: [message.id], token: 'again', by: 'p' })).size, 0)
})

test('replays of one dead letter at once, alone and by filter, are one', async () => {
  const user = randomUUID()
  const messages = await Promise.all(Array.from({ length: 20 }, () => claimed(store, { user })))
  await ledger.recordOutcomes(messages.map((message) => outcomeOf(message, 'dead-lettered')))
  const by = { by: 'ana' }
  const [alone, many, manyMore] = await Promise.all([
    Promise.all(messages.map(({ id }) => ledger.replay({ id, user }, by))),
    ledger.replayMatching({ user }, { ...by, limit: 100 }),
    ledger.replayMatching({ user }, { ...by, limit: 100 }),
  ])
  assert.equal(alone.filter((each) => each?.kind === 'done').length + many.done + manyMore.done, 20)
  for (const { id } of messages) {
    const { status, actions } = await rowOf(store, id)
    assert.deepEqual([status, actions?.length], ['queued', 1])
  }
})

test('a change of a message that has ended is refused for that, also where its times would not fit', async () => {
  const id = await inserted(store)
  const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS)
  await ledger.reschedule({ id, by: 'ana' }, { expiresAt: at(1) })
  assert.equal((await ledger.reschedule({ id, by: 'ana' }, { sendAt: at(2) }))?.kind, 'expires-first')
  await ledger.cancel({ id, by: 'ana' })
  assert.equal((await ledger.reschedule({ id, by: 'ana' }, { sendAt: at(2) }))?.kind, 'refused')
})

test('a message that is replayed has no time ahead of it any more', async () => {
  const message = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(message, 'queued')])
  await ledger.reschedule({ id: message.id, by: 'ana' }, { sendAt: new Date(Date.now() + HOUR_MS) })
  await rowsOf(store).updateOne({ _id: message.id }, { $set: { mayHaveLeft: true } })
  await ledger.cancel({ id: message.id, by: 'ana' })
  assert.equal((await ledger.replay({ id: message.id }, { by: 'ana' }))?.kind, 'done')
  const { status, sendAt } = await rowOf(store, message.id)
  assert.deepEqual([status, sendAt], ['queued', undefined])
})

test('two changes of the times at once leave no message that would expire before it may be sent', async () => {
  for (let n = 0; n < 20; n++) {
    const id = await inserted(store)
    const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS)
    await Promise.all([
      ledger.reschedule({ id, by: 'ana' }, { sendAt: at(2) }),
      ledger.reschedule({ id, by: 'ana' }, { expiresAt: at(1) }),
    ])
    const { sendAt, expiresAt } = await rowOf(store, id)
    assert.ok(sendAt === undefined || expiresAt === undefined || sendAt < expiresAt)
  }
})

test('thousands of rows of one time are opened in the order of their instance, part by part', async () => {
  const instance = randomUUID()
  const sendAt = new Date(Date.now() + HOUR_MS)
  const messages = Array.from({ length: 2500 }, () => ingested({ instance, sendAt: sendAt.toISOString() }))
  await ledger.insert([...messages].reverse(), new Date())
  assert.equal(await ledger.wake([instance], sendAt), true)
  const opened = await rowsOf(store)
    .find({ instance, status: 'queued' }, { projection: { _id: 1 } })
    .toArray()
  const first = messages.slice(0, 2000).map(({ record }) => record.id)
  assert.deepEqual(new Set(opened.map(({ _id }) => _id)), new Set(first))
  assert.equal(await ledger.wake([instance], sendAt), false)
  assert.equal((await ledger.load({ instance, limit: 3000 })).length, 2500)
})

test('whoever owns an instance is called to it by any of its open rows', async () => {
  const instance = randomUUID()
  await inserted(store, { instance })
  await ledger.callOwner([instance, randomUUID()])
  assert.ok((await toWake()).includes(instance))
  await ledger.callOwner([])
})

async function toWake(): Promise<string[]> {
  return (await ledger.dueWork(new Date(), 10)).wake.map(({ instance }) => instance)
}
