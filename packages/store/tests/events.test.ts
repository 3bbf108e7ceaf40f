import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subjectOf } from '@whatsapp-sender/contract'
import type { Outcome, Store } from '../src/index.ts'
import { claim, claimed, ingested, inserted, outcomeOf, rowOf, rowsOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
/** As another process has it. */
const second = await openTestStore({ database: store.db.databaseName })
const FEED = { feed: true } as const

test('every change of a status is told, in its order, with what was true at that moment', async () => {
  const id = await inserted(store, { ...FEED, reference: 'order 7', metadata: { shop: 'north' } })
  const nextAttemptAt = new Date(Date.now() - 1000)
  await outcome(id, 'queued', { nextAttemptAt })
  await outcome(id, 'sent', { providerMessageId: `wa ${id}` })
  await receipt(id, 'DELIVERY_ACK')
  await receipt(id, 'READ')
  await copy()
  const told = await toldOf(id)
  assert.deepEqual(
    told.map(({ n, type }) => [n, type]),
    [
      [1, 'message.queued'],
      [2, 'message.retrying'],
      [3, 'message.sent'],
      [4, 'message.delivered'],
      [5, 'message.read'],
    ],
  )
  assert.deepEqual(told[2], {
    v: 1,
    id: `${id}:3`,
    n: 3,
    type: 'message.sent',
    at: told[2]?.at,
    user: 'ana',
    instance: 'sales',
    instanceId: 'instance-1',
    message: { id, to: '+5511999991000', type: 'text', reference: 'order 7', metadata: { shop: 'north' } },
    providerMessageId: `wa ${id}`,
  })
  assert.equal(told[1]?.nextAttemptAt, nextAttemptAt.toISOString())
  assert.ok(told.every(({ at }) => Math.abs(Date.parse(at) - Date.now()) < 10_000))
})

test('events of a message that is traced bring its trace along, and tell nobody of it', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const [traced, other] = [await inserted(store, { ...FEED, traceparent }), await inserted(store, FEED)]
  await copy()
  const all = await store.events.readAfter(0, { limit: 10_000 })
  const of = (id: string) => all.filter(({ event }) => subjectOf(event) === id)
  assert.deepEqual(
    of(traced).map((each) => each.traceparent),
    [traceparent],
  )
  assert.doesNotMatch(JSON.stringify(of(traced).map(({ event }) => event)), /0af7651916cd43dd/)
  assert.ok(of(other).every((each) => !('traceparent' in each)))
})

test('each end is told with its reason, also when the row has lost it since', async () => {
  for (const status of ['failed', 'dead-lettered', 'unknown'] as const) {
    const id = await inserted(store, FEED)
    await outcome(id, status)
    await rowsOf(store).updateOne({ _id: id }, { $unset: { reason: 1 } })
    await copy()
    const told = await toldOf(id)
    assert.deepEqual(told.at(-1)?.reason, { code: status, detail: '$reason' })
    assert.equal(told.at(-1)?.type, `message.${status}`)
  }
})

test('what waits and ends, what becomes due, what is stuck and what conflicts is told once', async () => {
  const [gone, stuck] = [await inserted(store, FEED), await inserted(store, FEED)]
  const late = await inserted(store, { ...FEED, expiresAt: '2026-01-01T00:01:00.000Z' })
  await store.ledger.endWaiting([gone], 'failed', { code: 'instance-deleted', detail: 'The instance is gone.' })
  await store.ledger.endWaiting([late], 'expired', { code: 'expired', detail: 'Too late.' })
  await store.ledger.endWaiting([late], 'expired', { code: 'expired', detail: 'Too late.' })

  const soon = ingested({ ...FEED, instance: 'later', sendAt: new Date(Date.now() + 50).toISOString() })
  await store.ledger.insert([soon], new Date())
  const due = new Date(Date.now() + 1000)
  await store.ledger.wake(['later'], due)
  await store.ledger.wake(['later'], due)

  await outcome(stuck, 'sent')
  const asked = new Date(Date.now() + 3_600_000)
  await store.ledger.markStuck([stuck], asked)
  await rowsOf(store).updateOne({ _id: stuck }, { $set: { askAt: new Date(0) } })
  await store.ledger.markStuck([stuck], asked)

  const first = ingested(FEED)
  const other = { ...first, record: { ...first.record, bodyHash: 'b'.repeat(64) } }
  await store.ledger.insert([first], new Date())
  await store.ledger.insert([other], new Date())
  await store.ledger.insert([other], new Date())

  await copy()
  assert.deepEqual(await typesOf(gone), ['queued', 'failed'])
  assert.deepEqual(await typesOf(late), ['queued', 'expired'])
  assert.deepEqual(await typesOf(soon.record.id), ['scheduled', 'queued'])
  assert.deepEqual(await typesOf(stuck), ['queued', 'sent', 'stuck'])
  assert.deepEqual(await typesOf(first.record.id), ['queued', 'conflict'])
})

test('an attempt nobody answered about, a claim and a release are not told', async () => {
  const id = await inserted(store, FEED)
  await store.ledger.release([{ id, claim: await claim(store, id) }])
  await outcome(id, 'queued', { counted: false })
  await copy()
  assert.deepEqual(await typesOf(id), ['queued'])
})

test('what users do to messages is told: cancelled, put off, and sent once more', async () => {
  const [gone, later, again] = [await inserted(store, FEED), await inserted(store, FEED), await inserted(store, FEED)]
  const of = (id: string) => ({ id, user: 'ana' })
  await store.ledger.cancel({ ...of(gone), by: 'ana' })
  await store.ledger.reschedule({ ...of(later), by: 'ana' }, { sendAt: new Date(Date.now() + 3_600_000) })
  await outcome(again, 'failed')
  await store.ledger.replay(of(again), { by: 'ana' })
  await copy()
  assert.deepEqual(await typesOf(gone), ['queued', 'cancelled'])
  assert.deepEqual(await typesOf(later), ['queued', 'scheduled'])
  assert.deepEqual(await typesOf(again), ['queued', 'failed', 'queued'])
})

test('an attempt that is made again says why it failed, and one without an error says nothing', async () => {
  const [plain, failed] = [await claimed(store, FEED), await claimed(store, FEED)]
  const error = { kind: 'transient', code: 'server-error', detail: 'new words' }
  const retried = outcomeOf(failed, 'queued')
  await store.ledger.recordOutcomes([
    outcomeOf(plain, 'queued'),
    { ...retried, attempt: { ...retried.attempt, error } },
  ])
  await copy()
  assert.deepEqual((await toldOf(failed.id)).at(-1)?.reason, { code: 'server-error', detail: 'new words' })
  const last = (await toldOf(plain.id)).at(-1)
  assert.deepEqual([last?.type, last !== undefined && 'reason' in last], ['message.retrying', false])
})

test('a message that WhatsApp refuses after it was sent is told as failed, with the reason', async () => {
  const id = await inserted(store, FEED)
  await outcome(id, 'sent', { providerMessageId: `wa ${id}` })
  await receipt(id, 'ERROR')
  await copy()
  const told = await toldOf(id)
  assert.deepEqual([told.at(-1)?.type, told.at(-1)?.reason?.code], ['message.failed', 'refused-by-whatsapp'])
})

test('a receipt that changes nothing is not told', async () => {
  const id = await inserted(store, FEED)
  await outcome(id, 'sent', { providerMessageId: `wa ${id}` })
  await receipt(id, 'READ')
  await receipt(id, 'DELIVERY_ACK')
  await receipt(id, 'READ')
  await copy()
  assert.deepEqual(await typesOf(id), ['queued', 'sent', 'read'])
})

test('a message without a feed tells nothing and carries nothing', async () => {
  const id = await inserted(store)
  await outcome(id, 'sent', { providerMessageId: `wa ${id}` })
  await receipt(id, 'READ')
  const row = await rowOf(store, id)
  for (const field of ['feed', 'outbox', 'eventCount']) assert.ok(!(field in row), field)
  await copy()
  assert.deepEqual(await typesOf(id), [])
})

test('what a process wrote and did not live to copy is copied by the next one, once', async () => {
  const id = await inserted(store, FEED)
  await outcome(id, 'sent')
  const before = await rowOf(store, id)
  await copy()
  assert.ok(!('outbox' in (await rowOf(store, id))))
  // As after a death between the copy and the clearing of the row.
  await rowsOf(store).updateOne({ _id: id }, { $set: { outbox: before.outbox ?? [] } })
  await receipt(id, 'READ')
  await copy()
  assert.deepEqual(await typesOf(id), ['queued', 'sent', 'read'])
  assert.ok(!('outbox' in (await rowOf(store, id))))
})

test('what happens between the copy and the clearing of a row stays to be told', async () => {
  const { id, claim: token } = await claimed(store, FEED)
  const sent = outcomeOf({ id, claim: token }, 'sent')
  const append: ReturnType<typeof appendTo> = async (drafts) => {
    const head = await appendTo(store)(drafts)
    await store.ledger.recordOutcomes([sent])
    return head
  }
  await store.ledger.copyOutboxes(append, 500)
  assert.deepEqual(
    (await rowOf(store, id)).outbox?.map(({ n, type }) => [n, type]),
    [[2, 'message.sent']],
  )
  await copy()
  assert.deepEqual(await typesOf(id), ['queued', 'sent'])
})

test('two that copy at once leave every event once, in order, and the sequence without a gap', async () => {
  const ids: string[] = []
  for (let n = 0; n < 120; n++) {
    const id = await inserted(store, FEED)
    if (n % 2 === 0) await outcome(id, 'sent')
    ids.push(id)
  }
  const from = await store.events.head()
  const running = Promise.all([copy(store, 7), copy(second, 11), copy(second, 5)])
  for (const id of ids.filter((_, n) => n % 2 === 1)) await outcome(id, 'failed')
  await running
  await copy()
  const all = await store.events.readAfter(from, { limit: 10_000 })
  assert.deepEqual(
    all.map(({ seq }) => seq),
    Array.from({ length: 240 }, (_, at) => from + 1 + at),
  )
  for (const id of ids)
    assert.deepEqual(
      all.filter(({ event }) => subjectOf(event) === id).map(({ event }) => event.n),
      [1, 2],
    )
})

test('a reader that follows while several append never has anything appear behind it', async () => {
  const from = await store.events.head()
  const seen: number[] = []
  let done = false
  const follow = async () => {
    for (let cursor = from; ; ) {
      const isLast = done
      const page = await store.events.readAfter(cursor, { limit: 50 })
      seen.push(...page.map(({ seq }) => seq))
      cursor = page.at(-1)?.seq ?? cursor
      if (isLast && page.length === 0) return
    }
  }
  const write = async (each: Store) => {
    for (let n = 0; n < 40; n++) await inserted(each, FEED)
  }
  const copyAlong = async (each: Store) => {
    while (!done) await each.ledger.copyOutboxes(appendTo(each), 9)
  }
  const following = follow()
  const copying = [copyAlong(store), copyAlong(second)]
  await Promise.all([write(store), write(second)])
  await copy()
  done = true
  await Promise.all([following, ...copying])
  assert.deepEqual(
    seen,
    Array.from({ length: 80 }, (_, at) => from + 1 + at),
  )
})

test('a user is shown his own events, in order', async () => {
  const from = await store.events.head()
  const mine = await inserted(store, { ...FEED, user: 'ben' })
  await inserted(store, FEED)
  await outcome(mine, 'failed')
  await copy()
  const shown = await store.events.readAfter(from, { limit: 10, users: ['ben'] })
  assert.deepEqual(
    shown.map(({ event }) => event.id),
    [`${mine}:1`, `${mine}:2`],
  )
})

test('a position only rises, and outlives the events', async () => {
  const { events, db, ledger } = await openTestStore()
  assert.deepEqual([await events.position('reader'), await events.head()], [0, 0])
  await ledger.insert([ingested(FEED), ingested(FEED)], new Date())
  const { head } = await ledger.copyOutboxes(appendTo({ events }), 10)
  assert.equal(head, 2)
  await events.noteHead(2)
  await events.advance('reader', 1)
  await events.advance('reader', 0)
  assert.equal(await events.position('reader'), 1)
  await db.collection('events').deleteMany({})
  assert.equal(await events.head(), 2)
  await ledger.insert([ingested(FEED)], new Date())
  await ledger.copyOutboxes(appendTo({ events }), 10)
  assert.deepEqual(
    (await events.readAfter(1, { limit: 10 })).map(({ seq }) => seq),
    [3],
  )
})

test('rows that have something to tell are found by their index, the oldest first', async () => {
  const plan = await rowsOf(store)
    .find({ outbox: { $exists: true } })
    .hint('outbox')
    .sort({ 'outbox.at': 1 })
    .limit(10)
    .explain('executionStats')
  const text = JSON.stringify(plan)
  assert.match(text, /"indexName":"outbox"/)
  assert.doesNotMatch(text, /"stage":"SORT"/)
})

function appendTo({ events }: Pick<Store, 'events'>) {
  return (drafts: Parameters<typeof events.append>[0]) => events.append(drafts, new Date())
}

async function copy(from: Store = store, limit = 500): Promise<void> {
  for (;;) if ((await from.ledger.copyOutboxes(appendTo(from), limit)).rows === 0) return
}

async function toldOf(id: string) {
  const all = await store.events.readAfter(0, { limit: 10_000 })
  return all.flatMap(({ event }) => ('message' in event && event.message.id === id ? [event] : []))
}

async function typesOf(id: string): Promise<string[]> {
  return (await toldOf(id)).map(({ type }) => type.replace('message.', ''))
}

async function outcome(id: string, status: Outcome['status'], changes: Parameters<typeof outcomeOf>[2] = {}) {
  const token = await claim(store, id)
  assert.equal(await store.ledger.recordOutcomes([outcomeOf({ id, claim: token }, status, changes)]), 1)
}

async function receipt(id: string, status: 'DELIVERY_ACK' | 'READ' | 'ERROR') {
  const keyId = (await rowOf(store, id)).providerMessageId ?? ''
  const { unknown } = await store.ledger.applyReceipts([{ instanceId: 'instance-1', keyId, status, at: new Date() }])
  assert.deepEqual(unknown, [])
}
