import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { LaneRow, OrderKey } from '../src/index.ts'
import { claim, claimed, ingested, inserted, outcomeOf, rowOf, runOut } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const PAST = new Date(0).toISOString()
const HOUR_MS = 3_600_000
const ANA = '+5511999991000'
const BOB = '+5511999991001'
const store = await openTestStore()
const { ledger } = store

test('rows come in the order of append time, then offset, whatever the order they were inserted in', async () => {
  const instance = randomUUID()
  const at = (appendedAt: number, offset: bigint) => ingested({ instance, appendedAt, offset })
  const inOrder = [at(1000, 9n), at(1000, 10n), at(1000, 2n ** 53n + 1n), at(1000, 2n ** 53n + 2n), at(2000, 1n)]
  await ledger.insert([...inOrder].reverse(), new Date())
  const rows = await ledger.load({ instance, limit: 10 })
  assert.deepEqual(idsOf(rows), idsOf(inOrder.map(({ record }) => record)))
  assert.deepEqual(
    rows.map(({ appendedAt, offset }) => [appendedAt, offset]),
    inOrder.map(({ appendedAt, offset }) => [appendedAt, offset]),
  )
})

test('pages from each last row on neither repeat nor miss a row, also among equal append times', async () => {
  const instance = randomUUID()
  const messages = Array.from({ length: 11 }, (_, at) =>
    ingested({ instance, appendedAt: 1000 + (at >> 2), offset: BigInt(100 - at) }),
  )
  await ledger.insert(messages, new Date())
  const seen: LaneRow[] = []
  let after: OrderKey | undefined
  for (let more = true; more; ) {
    const page = await ledger.load({ instance, after, limit: 3 })
    seen.push(...page)
    after = page.at(-1)
    more = page.length === 3
  }
  assert.equal(seen.length, 11)
  assert.deepEqual(idsOf(seen), idsOf(await ledger.load({ instance, limit: 100 })))
})

test('a page is of one instance, and of rows that wait or are claimed only', async () => {
  const instance = randomUUID()
  await inserted(store, { instance: randomUUID() })
  const [queued, sending, sent] = [
    await inserted(store, { instance }),
    await claimed(store, { instance }),
    await claimed(store, { instance }),
  ]
  await inserted(store, { instance, sendAt: new Date(Date.now() + HOUR_MS).toISOString() })
  await ledger.recordOutcomes([outcomeOf(sent, 'sent')])
  const rows = await ledger.load({ instance, limit: 10 })
  assert.deepEqual(
    rows.map(({ id, status, claim: token, by }) => [id, status, token, by]),
    [
      [queued, 'queued', undefined, undefined],
      [sending.id, 'sending', sending.claim, 'process'],
    ],
  )
})

test('a page can be of one recipient, or leave some out', async () => {
  const instance = randomUUID()
  const [ana, bob, other] = [
    await inserted(store, { instance, to: ANA }),
    await inserted(store, { instance, to: BOB }),
    await inserted(store, { instance, to: '+5511999991002' }),
  ]
  const load = async (request: { to?: string; notTo?: string[] }) =>
    idsOf(await ledger.load({ instance, limit: 10, ...request }))
  assert.deepEqual(await load({ to: BOB }), [bob])
  assert.deepEqual(await load({ notTo: [ANA] }), [bob, other])
  assert.deepEqual(await load({ notTo: [ANA, BOB] }), [other])
  assert.deepEqual(await load({ notTo: [] }), [ana, bob, other])
})

test('instances with work are those with an open row', async () => {
  const [open, done] = [randomUUID(), randomUUID()]
  await inserted(store, { instance: open })
  await ledger.recordOutcomes([outcomeOf(await claimed(store, { instance: done }), 'sent')])
  const instances = await ledger.instancesWithOpenRows()
  assert.ok(instances.includes(open) && !instances.includes(done))
})

test('a scheduled row wakes its owner when its time has come, and is then queued', async () => {
  const instance = randomUUID()
  const sendAt = Date.now() + HOUR_MS
  const id = await inserted(store, { instance, sendAt: new Date(sendAt).toISOString() })
  const early = new Date(sendAt - 1)
  const due = new Date(sendAt)
  assert.ok(!(await toWake(early)).includes(instance))
  await ledger.wake([instance], early)
  assert.equal((await rowOf(store, id)).status, 'scheduled')
  assert.ok((await toWake(due)).includes(instance))
  await ledger.wake([randomUUID()], due)
  assert.equal((await rowOf(store, id)).status, 'scheduled')
  await ledger.wake([instance], due)
  assert.ok(!(await toWake(due)).includes(instance))
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.wakeAt, row.open], ['queued', undefined, 1])
  await claim(store, id)
})

test('waking does not move a row that is not scheduled', async () => {
  const instance = randomUUID()
  const { id } = await claimed(store, { instance, wake: true })
  assert.ok((await toWake(new Date())).includes(instance))
  await ledger.wake([instance], new Date())
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.wakeAt], ['sending', undefined])
})

test('what waits can be ended, with its reason, and only what waits', async () => {
  const scheduled = await inserted(store, { sendAt: new Date(Date.now() + HOUR_MS).toISOString() })
  const again = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(again, 'queued', { nextAttemptAt: new Date() })])
  const [queued, sending, sent] = [await inserted(store, { wake: true }), await claimed(store), await claimed(store)]
  await ledger.recordOutcomes([outcomeOf(sent, 'sent')])
  const ids = [scheduled, queued, again.id, sending.id, sent.id]
  const reason = { code: 'instance-deleted', detail: '$instance is gone' }
  assert.equal(await ledger.endWaiting(ids, 'failed', reason), 3)
  await runOut(store, ...ids)
  assert.equal(await ledger.endWaiting(ids, 'expired', reason), 0)
  assert.equal(await ledger.endWaiting([], 'failed', reason), 0)
  for (const id of [scheduled, queued, again.id]) {
    const row = await rowOf(store, id)
    assert.deepEqual([row.status, row.reason, row.attention], ['failed', reason, 1])
    assert.ok(row.failedAt !== undefined && row.expireAt !== undefined && row.expireAt > row.failedAt)
    for (const field of ['open', 'wakeAt', 'nextAttemptAt'] as const) assert.ok(!(field in row), field)
  }
  assert.equal((await rowOf(store, sending.id)).status, 'sending')
  assert.equal((await rowOf(store, sent.id)).status, 'sent')
})

test("an expired message asks for nobody's attention", async () => {
  const id = await inserted(store, { expiresAt: PAST })
  assert.equal(await ledger.endWaiting([id], 'expired', { code: 'expired', detail: 'late' }), 1)
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.attention, row.open], ['expired', undefined, undefined])
})

test('a message that expires after an attempt that may have sent it is not told to be unsent', async () => {
  const [uncertain, certain, gone] = [await claimed(store), await claimed(store), await claimed(store)]
  const failed = (message: typeof certain, kind: string) => {
    const outcome = outcomeOf(message, 'queued')
    return { ...outcome, attempt: { ...outcome.attempt, error: { kind, code: 'code', detail: '' } } }
  }
  await ledger.recordOutcomes([failed(uncertain, 'ambiguous'), failed(certain, 'transient'), failed(gone, 'ambiguous')])
  await runOut(store, uncertain.id, certain.id)
  await ledger.endWaiting([uncertain.id, certain.id], 'expired', { code: 'expired', detail: 'late' })
  await ledger.endWaiting([gone.id], 'failed', { code: 'instance-deleted', detail: '' })
  const rows = await Promise.all([uncertain.id, certain.id, gone.id].map((id) => rowOf(store, id)))
  assert.deepEqual(
    rows.map(({ status, reason, attention, open }) => [status, reason?.code, attention, open]),
    [
      ['unknown', 'expired-after-ambiguous', 1, undefined],
      ['expired', 'expired', undefined, undefined],
      ['failed', 'instance-deleted', 1, undefined],
    ],
  )
})

test('a late answer finds a message that had expired after its attempt', async () => {
  const message = await claimed(store)
  const outcome = outcomeOf(message, 'queued')
  const error = { kind: 'ambiguous', code: 'timeout', detail: '' }
  await ledger.recordOutcomes([{ ...outcome, attempt: { ...outcome.attempt, error } }])
  await runOut(store, message.id)
  await ledger.endWaiting([message.id], 'expired', { code: 'expired', detail: 'late' })
  assert.equal(await ledger.recordOutcomes([outcomeOf(message, 'sent')]), 1)
  const row = await rowOf(store, message.id)
  assert.deepEqual([row.status, row.reason, row.attention], ['sent', undefined, undefined])
})

test('a message that was ended while it waited is not claimed', async () => {
  const id = await inserted(store)
  await ledger.endWaiting([id], 'failed', { code: 'instance-deleted', detail: '' })
  assert.equal((await ledger.claim({ ids: [id], token: 'late', by: 'process' })).size, 0)
})

test('a message whose expiry was moved meanwhile does not expire', async () => {
  const ids = [
    await inserted(store),
    await inserted(store, { expiresAt: new Date(Date.now() + HOUR_MS).toISOString() }),
  ]
  assert.equal(await ledger.endWaiting(ids, 'expired', { code: 'expired', detail: 'late' }), 0)
  for (const id of ids) await claim(store, id)
})

async function toWake(now: Date): Promise<string[]> {
  return (await ledger.dueWork(now, 10)).wake.map(({ instance }) => instance)
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id)
}
