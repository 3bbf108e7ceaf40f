import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../src/index.ts'
import { recordOutcomes } from '../src/ledger/record-outcomes.ts'
import { attempt, claim, claimed, outcomeOf, rowOf, rowsOf, withLostAnswer } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const DAY_MS = 86_400_000
const STUCK_AFTER_MS = 7000
const KEPT = { retentionDays: 5, stuckAfterMs: STUCK_AFTER_MS }
const store = await openTestStore(KEPT)
const { ledger } = store

test("a sent message is closed, found by WhatsApp's id, awaits its receipt and is kept for the retention", async () => {
  const message = await claimed(store)
  assert.equal(await ledger.recordOutcomes([outcomeOf(message, 'sent', { providerMessageId: 'wa-1' })]), 1)
  const row = await rowOf(store, message.id)
  const sentAt = new Date('2026-01-01T00:00:00.250Z')
  assert.deepEqual(
    [row.status, row.sentAt, row.askAt, row.providerMessageId, row.providerIds, row.attemptsCount],
    ['sent', sentAt, new Date(sentAt.getTime() + STUCK_AFTER_MS), 'wa-1', ['wa-1'], 1],
  )
  assert.deepEqual(
    [row.open, row.attention, row.reason, row.attempts],
    [undefined, undefined, undefined, [attempt('sent')]],
  )
  assertKept(row.expireAt)
})

test('the address that a message went to is kept of those that have one, in the same write as all others', async () => {
  const [one, other] = [await claimed(store), await claimed(store)]
  await ledger.recordOutcomes([
    outcomeOf(one, 'sent', { providerMessageId: 'wa-r', resolvedTo: '553188881000@s.whatsapp.net' }),
    outcomeOf(other, 'sent', { providerMessageId: 'wa-s' }),
  ])
  assert.equal((await rowOf(store, one.id)).resolvedTo, '553188881000@s.whatsapp.net')
  assert.equal('resolvedTo' in (await rowOf(store, other.id)), false)
})

test('a message that ended without being sent says why, asks for attention and is kept for the retention', async () => {
  for (const status of ['failed', 'dead-lettered', 'unknown'] as const) {
    const message = await claimed(store)
    await ledger.recordOutcomes([outcomeOf(message, status)])
    const row = await rowOf(store, message.id)
    assert.deepEqual(
      [row.status, row.reason, row.attention, row.open, row.attemptsCount, row.attempts],
      [status, { code: status, detail: '$reason' }, 1, undefined, 1, [attempt(status)]],
    )
    assert.ok(row.failedAt !== undefined && Math.abs(row.failedAt.getTime() - Date.now()) < 5000)
    assertKept(row.expireAt)
  }
})

test('a message that is tried again stays open, is not kept for less than for ever, and is due when it was told', async () => {
  const [soon, now] = [await claimed(store), await claimed(store)]
  const nextAttemptAt = new Date(Date.now() + 60_000)
  await ledger.recordOutcomes([outcomeOf(soon, 'queued', { nextAttemptAt }), outcomeOf(now, 'queued')])
  for (const [{ id }, due] of [
    [soon, nextAttemptAt],
    [now, undefined],
  ] as const) {
    const row = await rowOf(store, id)
    assert.deepEqual([row.status, row.open, row.nextAttemptAt, row.attemptsCount], ['queued', 1, due, 1])
    for (const field of ['expireAt', 'failedAt', 'reason', 'attention'] as const) assert.ok(!(field in row), field)
  }
})

test('an outcome writes its own fields and leaves every other as it was', async () => {
  const message = await claimed(store)
  const { open: _open, ...before } = await rowOf(store, message.id)
  await ledger.recordOutcomes([outcomeOf(message, 'sent', { providerMessageId: 'wa' })])
  const { sentAt, askAt, expireAt, ...after } = await rowOf(store, message.id)
  assert.deepEqual(after, {
    ...before,
    status: 'sent',
    attempts: [attempt('sent')],
    attemptsCount: 1,
    providerMessageId: 'wa',
    providerIds: ['wa'],
  })
})

test('an attempt that did not count is kept, and uses up no allowance', async () => {
  const message = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(message, 'queued', { counted: false })])
  const row = await rowOf(store, message.id)
  assert.deepEqual([row.attemptsCount, row.attempts.length], [0, 1])
})

test('the last 20 attempts are kept, oldest first, and all that counted are counted', async () => {
  const { id, claim: first } = await claimed(store)
  for (let number = 1, token = first; number <= 23; number++) {
    await ledger.recordOutcomes([{ ...outcomeOf({ id, claim: token }, 'queued'), attempt: attempt('retry', number) }])
    if (number < 23) token = await claim(store, id)
  }
  const row = await rowOf(store, id)
  assert.equal(row.attemptsCount, 23)
  assert.deepEqual(
    row.attempts.map(({ number }) => number),
    Array.from({ length: 20 }, (_, at) => at + 4),
  )
})

test('many outcomes of every kind at once each find their own row', async () => {
  const kinds = ['sent', 'failed', 'queued', 'dead-lettered', 'unknown'] as const
  const messages = await Promise.all(Array.from({ length: 50 }, () => claimed(store)))
  const outcomes = messages.map((message, at) =>
    outcomeOf(message, kinds[at % kinds.length] ?? 'sent', { providerMessageId: `id of ${message.id}` }),
  )
  assert.equal(await ledger.recordOutcomes(outcomes), 50)
  for (const { id, status } of outcomes) {
    const row = await rowOf(store, id)
    assert.equal(row.status, status)
    assert.equal(row.providerMessageId, status === 'sent' ? `id of ${id}` : undefined)
    if (row.reason !== undefined) assert.equal(row.reason.code, status)
  }
})

test('an answer that comes late wins over what was guessed, as long as nobody claimed the row again', async () => {
  for (const guess of ['queued', 'unknown'] as const) {
    const message = await claimed(store)
    await ledger.recordOutcomes([outcomeOf(message, guess, { nextAttemptAt: new Date() })])
    assert.equal(await ledger.recordOutcomes([outcomeOf(message, 'sent', { providerMessageId: 'late' })]), 1)
    const row = await rowOf(store, message.id)
    assert.deepEqual([row.status, row.providerMessageId, row.attempts.length, row.open], ['sent', 'late', 2, undefined])
    for (const field of ['reason', 'attention', 'failedAt', 'nextAttemptAt'] as const) assert.ok(!(field in row), field)
  }
})

test('an answer that comes after a release wins as well', async () => {
  const message = await claimed(store)
  await ledger.release([message])
  assert.equal(await ledger.recordOutcomes([outcomeOf(message, 'sent')]), 1)
  assert.equal((await rowOf(store, message.id)).status, 'sent')
})

test('no outcome of an old claim touches a row that was claimed again', async () => {
  const old = await claimed(store)
  await ledger.release([old])
  await claim(store, old.id)
  const before = await rowOf(store, old.id)
  for (const status of ['sent', 'failed', 'dead-lettered', 'unknown', 'queued'] as const)
    assert.equal(await ledger.recordOutcomes([outcomeOf(old, status)]), 0, status)
  assert.deepEqual(await rowOf(store, old.id), before)
})

test('an outcome of an old claim does not ride on the newer claim of another outcome in the same write', async () => {
  for (const status of ['sent', 'failed'] as const) {
    const [old, other] = [await claimed(store), await claimed(store)]
    const ids = [old.id, other.id]
    await ledger.release([old, other])
    assert.equal((await ledger.claim({ ids, token: `both ${status}`, by: 'process' })).size, 2)
    const before = await rowOf(store, old.id)
    const newer = { id: other.id, claim: `both ${status}` }
    assert.equal(await ledger.recordOutcomes([outcomeOf(old, status), outcomeOf(newer, status)]), 1)
    assert.deepEqual(await rowOf(store, old.id), before)
    assert.equal((await rowOf(store, other.id)).status, status)
  }
})

test('of an old and a new outcome of one row in the same write the new one is taken', async () => {
  const old = await claimed(store)
  await ledger.release([old])
  const current = { id: old.id, claim: await claim(store, old.id) }
  const outcomes = [
    outcomeOf(old, 'sent', { providerMessageId: 'old' }),
    outcomeOf(current, 'sent', { providerMessageId: 'new' }),
  ]
  assert.equal(await ledger.recordOutcomes(outcomes), 1)
  assert.equal((await rowOf(store, old.id)).providerMessageId, 'new')
})

test('an outcome that is no answer does not move a row that does not send any more', async () => {
  const message = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(message, 'unknown')])
  for (const status of ['failed', 'dead-lettered', 'queued'] as const)
    assert.equal(await ledger.recordOutcomes([outcomeOf(message, status)]), 0)
  assert.equal((await rowOf(store, message.id)).status, 'unknown')
})

test('writing the same outcome again is harmless', async () => {
  for (const status of ['sent', 'failed', 'dead-lettered', 'unknown', 'queued'] as const) {
    const message = await claimed(store)
    const outcome = outcomeOf(message, status)
    assert.equal(await ledger.recordOutcomes([outcome]), 1)
    const row = await rowOf(store, message.id)
    assert.equal(await ledger.recordOutcomes([outcome, outcome]), 0, status)
    assert.deepEqual(await rowOf(store, message.id), row)
  }
})

test('an outcome whose answer was lost is written once and counted as taken', async () => {
  const message = await claimed(store)
  assert.equal(await recordOutcomes(withLostAnswer(rowsOf(store)), [outcomeOf(message, 'failed')], KEPT), 1)
  const row = await rowOf(store, message.id)
  assert.deepEqual([row.status, row.attempts.length, row.attemptsCount], ['failed', 1, 1])
})

test('what Evolution answers is kept as it is, also when it looks like a field of the database', async () => {
  for (const providerMessageId of ['$user', '$$ROOT', '$', '$literal', 'a.b', '']) {
    const message = await claimed(store)
    const outcome = outcomeOf(message, 'sent', { providerMessageId })
    const error = { kind: 'transient', code: '$code', detail: '$$NOW' }
    await ledger.recordOutcomes([{ ...outcome, attempt: { ...outcome.attempt, error } }])
    const row = await rowOf(store, message.id)
    assert.deepEqual([row.providerMessageId, row.providerIds], [providerMessageId, [providerMessageId]])
    assert.deepEqual(row.attempts[0]?.error, error)
  }
})

test('every id that an attempt was sent under is kept, so a receipt of any of them finds the row', async () => {
  const first = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(first, 'sent', { providerMessageId: 'one' })])
  await rowsOf(store).updateOne({ _id: first.id }, { $set: { status: 'queued', open: 1 } })
  const second = { id: first.id, claim: await claim(store, first.id) }
  await ledger.recordOutcomes([outcomeOf(second, 'sent', { providerMessageId: 'two' })])
  const row = await rowOf(store, first.id)
  assert.deepEqual([row.providerMessageId, row.providerIds], ['two', ['one', 'two']])
})

test('a message that has ended wakes nobody, one that is tried again still does', async () => {
  for (const status of ['sent', 'failed', 'dead-lettered', 'unknown', 'queued'] as const) {
    const message = await claimed(store, { wake: true })
    await ledger.recordOutcomes([outcomeOf(message, status)])
    assert.equal('wakeAt' in (await rowOf(store, message.id)), status === 'queued', status)
  }
})

test('no outcomes are no work', async () => {
  const none: readonly Outcome[] = []
  assert.equal(await ledger.recordOutcomes(none), 0)
})

function assertKept(expireAt: Date | undefined): void {
  assert.ok(expireAt !== undefined)
  assert.ok(Math.abs(expireAt.getTime() - Date.now() - 5 * DAY_MS) < 5000)
}
