import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimMessages } from '../src/ledger/claim-messages.ts'
import { claim, claimed, ingested, inserted, outcomeOf, rowOf, rowsOf, withLostAnswer } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const HOUR_MS = 3_600_000
const store = await openTestStore()
const { ledger } = store

test('of 64 claims at once each row is won exactly once', async () => {
  const messages = Array.from({ length: 40 }, () => ingested())
  await ledger.insert(messages, new Date())
  const ids = messages.map(({ record }) => record.id)
  const won = await Promise.all(
    Array.from({ length: 64 }, async (_, at) => {
      const rotated = [...ids.slice(at % 40), ...ids.slice(0, at % 40)]
      return {
        token: `token-${at}`,
        ids: await ledger.claim({ ids: rotated, token: `token-${at}`, by: `process-${at}` }),
      }
    }),
  )
  const winners = won.flatMap(({ token, ids: each }) => [...each].map((id) => [id, token] as const))
  assert.equal(winners.length, ids.length)
  assert.equal(new Set(winners.map(([id]) => id)).size, ids.length)
  for (const [id, token] of winners) assert.equal((await rowOf(store, id)).claim, token)
})

test('a claimed row names its claim, its holder and the time by the database', async () => {
  const id = await inserted(store)
  const token = await claim(store, id, 'me')
  const row = await rowOf(store, id)
  assert.deepEqual([row.status, row.claim, row.by], ['sending', token, 'me'])
  assert.ok(row.claimedAt !== undefined && Math.abs(row.claimedAt.getTime() - Date.now()) < 5000)
})

test('only rows that wait, are due and have not expired are claimed', async () => {
  const later = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(later, 'queued', { nextAttemptAt: new Date(Date.now() + HOUR_MS) })])
  const due = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(due, 'queued', { nextAttemptAt: new Date(Date.now() - 1000) })])
  const sent = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(sent, 'sent')])
  const [expired, unexpired, scheduled, held] = [
    await inserted(store, { expiresAt: new Date(Date.now() - 1000).toISOString() }),
    await inserted(store, { expiresAt: new Date(Date.now() + HOUR_MS).toISOString() }),
    await inserted(store, { sendAt: new Date(Date.now() + HOUR_MS).toISOString() }),
    (await claimed(store)).id,
  ]
  const refused = [later.id, sent.id, expired, scheduled, held]
  const before = await Promise.all(refused.map((id) => rowOf(store, id)))
  const ids = [...refused, due.id, unexpired, 'no such row']
  const won = await ledger.claim({ ids, token: 'only', by: 'process' })
  assert.deepEqual([...won].sort(), [due.id, unexpired].sort())
  assert.deepEqual(await Promise.all(refused.map((id) => rowOf(store, id))), before)
})

test('a claim whose answer was lost is read back: what it won is won, what it did not win is not', async () => {
  const [free, other] = [await inserted(store), (await claimed(store)).id]
  const rows = withLostAnswer(rowsOf(store))
  const won = await claimMessages(rows, { ids: [free, other], token: 'lost answer', by: 'process' })
  assert.deepEqual([...won], [free])
})

test('a claim that is not acknowledged fails: nothing may be sent on it', async () => {
  const rows = store.db.collection<Awaited<ReturnType<typeof rowOf>>>('messages', {
    writeConcern: { w: 2, wtimeoutMS: 50 },
  })
  await assert.rejects(claimMessages(rows, { ids: [await inserted(store)], token: 'token', by: 'process' }))
})

test('a release gives back only what this process holds in sending, and counts no attempt', async () => {
  const mine = await claimed(store)
  const sent = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(sent, 'sent')])
  const unknown = await claimed(store)
  await ledger.recordOutcomes([outcomeOf(unknown, 'unknown')])
  const theirs = await claimed(store)
  const held = [mine, sent, unknown, { id: theirs.id, claim: mine.claim }]
  await ledger.release(held)
  await ledger.release([mine])
  const rows = await Promise.all([mine, sent, unknown, theirs].map(({ id }) => rowOf(store, id)))
  assert.deepEqual(
    rows.map(({ status }) => status),
    ['queued', 'sent', 'unknown', 'sending'],
  )
  assert.deepEqual([rows[0]?.attemptsCount, rows[0]?.attempts, rows[0]?.open], [0, [], 1])
  await claim(store, mine.id)
})

test('a row that is claimed and ended at the same moment is one or the other', async () => {
  const messages = Array.from({ length: 40 }, () => ingested())
  await ledger.insert(messages, new Date())
  const ids = messages.map(({ record }) => record.id)
  const claims = ids.map((id) => ledger.claim({ ids: [id], token: 'race', by: 'process' }))
  const ends = ids.map((id) => ledger.endWaiting([id], 'failed', { code: 'instance-deleted', detail: '' }))
  const [won, ended] = [await Promise.all(claims), await Promise.all(ends)]
  for (const [at, id] of ids.entries()) {
    const isWon = won[at]?.has(id) ?? false
    assert.equal(ended[at], isWon ? 0 : 1)
    assert.equal((await rowOf(store, id)).status, isWon ? 'sending' : 'failed')
  }
})

test('a release that comes late does not free the row from a newer claim', async () => {
  const old = await claimed(store)
  await ledger.release([old])
  const current = await claim(store, old.id)
  await ledger.release([old])
  const row = await rowOf(store, old.id)
  assert.deepEqual([row.status, row.claim], ['sending', current])
})

test('releasing nothing releases nothing', async () => {
  const { id } = await claimed(store)
  await ledger.release([])
  assert.equal((await rowOf(store, id)).status, 'sending')
})

test('rows are read as they stand, ended ones included', async () => {
  const { id, claim: token } = await claimed(store)
  const waits = await inserted(store)
  await ledger.recordOutcomes([outcomeOf({ id, claim: token }, 'sent')])
  const rows = await ledger.read([id, waits, 'no such row'])
  assert.deepEqual(
    new Map(rows.map((row) => [row.id, row.status])),
    new Map([
      [id, 'sent'],
      [waits, 'queued'],
    ]),
  )
  assert.equal(rows.find((row) => row.id === id)?.claim, token)
})
