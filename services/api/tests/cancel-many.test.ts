import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { actionsOf, failed, rowOf, waiting } from './ledger-messages.ts'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
})
beforeEach(async () => {
  await api.store.db.collection('messages').deleteMany({})
})
after(() => api.stop())

const cancel = async (user: Pick<TestUser, 'post'>, body: unknown) =>
  (await user.post('/v1/messages/cancel', body)).body
const statusesOf = (ids: readonly string[]) => Promise.all(ids.map(async (id) => (await rowOf(api.store, id)).status))

test('what waits and matches is cancelled, once, and nothing of anybody else', async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const ids = [
    await waiting(api.store, ana.id, { reference: 'order 7' }),
    await waiting(api.store, ana.id, { sendAt: later, instance: 'support' }),
    await waiting(api.store, ana.id, { to: '+5511999991001' }),
    await failed(api.store, ana.id, { reference: 'order 7' }),
    await waiting(api.store, bob.id, { reference: 'order 7' }),
  ]
  assert.deepEqual(await cancel(ana, { reference: 'order 7' }), { cancelled: 1, skipped: 0, next: null })
  assert.deepEqual(await statusesOf(ids), ['cancelled', 'scheduled', 'queued', 'failed', 'queued'])
  assert.deepEqual(await actionsOf(api.store, ids[0]), [{ by: ana.id, action: 'cancel' }])
  assert.deepEqual(await cancel(ana, { instance: 'support', status: 'queued' }), {
    cancelled: 0,
    skipped: 0,
    next: null,
  })
  assert.deepEqual(await cancel(ana, { status: 'scheduled' }), { cancelled: 1, skipped: 0, next: null })
  assert.deepEqual(await cancel(api.admin, { all: true }), { cancelled: 0, skipped: 0, next: null })
  assert.deepEqual(await cancel(ana, { all: true }), { cancelled: 1, skipped: 0, next: null })
  assert.deepEqual(await statusesOf(ids), ['cancelled', 'cancelled', 'cancelled', 'failed', 'queued'])
})

test('what may have been sent ends as unknown, and what is being sent is left alone', async () => {
  const [ambiguous, sending] = [await waiting(api.store, ana.id), await waiting(api.store, ana.id)]
  await api.store.db
    .collection<{ _id: string }>('messages')
    .updateOne({ _id: ambiguous }, { $set: { mayHaveLeft: true } })
  await api.store.ledger.claim({ ids: [sending], token: 'token', by: 'process' })
  assert.deepEqual(await cancel(ana, { all: true }), { cancelled: 1, skipped: 0, next: null })
  assert.deepEqual(await statusesOf([ambiguous, sending]), ['unknown', 'sending'])
})

test('a request goes on from where another ended, which took so many at most', async () => {
  for (let n = 0; n < 5; n++) await waiting(api.store, ana.id)
  const which = { user: ana.id, statuses: ['queued'] as const }
  const first = await api.store.ledger.cancelMatching(which, { by: ana.id, limit: 2 })
  assert.deepEqual([first.done, first.seen], [2, 2])
  const cursor = `${first.next?.at.toString(36)}@${first.next?.id}`
  assert.deepEqual(await cancel(ana, { all: true, cursor }), { cancelled: 3, skipped: 0, next: null })
})

test('everything is never cancelled by a slip', async () => {
  const id = await waiting(api.store, ana.id)
  for (const [body, field] of [
    [{}, 'body'],
    [undefined, 'body'],
    [{ cursor: `k@${'0'.repeat(36)}` }, 'body'],
    [{ status: 'sent' }, 'status'],
    [{ all: false }, 'all'],
    [{ user: bob.id, all: true }, 'user'],
  ] as const) {
    const answer = await ana.post('/v1/messages/cancel', body)
    assert.deepEqual([answer.status, faultyFields(answer)], [400, [field]])
  }
  assert.deepEqual(await statusesOf([id]), ['queued'])
})
