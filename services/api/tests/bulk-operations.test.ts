import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { MessageDocument } from '@whatsapp-sender/store'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { actionsOf, failed, manyWaiting, rowOf, waiting } from './ledger-messages.ts'
import { until } from './until.ts'

const ASYNC = { prefer: 'respond-async' }

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
})
beforeEach(async () => {
  for (const name of ['messages', 'bulk_operations', 'audit']) await api.store.db.collection(name).deleteMany({})
})
after(() => api.stop())

type Caller = Pick<TestUser, 'get' | 'post'>

/** The answer to the order, and the operation when it is over. */
async function ordered(who: Caller, path: string, body: object) {
  const answer = await who.post(path, body, ASYNC)
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  const self = `/v1/operations/${String(answer.body['id'])}`
  assert.equal(answer.headers.get('location'), self)
  return { answer, over: await over(who, self) }
}

/** The operation when it is over, as long as it goes on. */
async function over(who: Caller, self: string): Promise<Record<string, unknown>> {
  for (let before = -1; ; ) {
    let now: Record<string, unknown> = {}
    const told = before
    await until('it goes on', async () => {
      now = (await who.get(self)).body
      return now['status'] !== 'running' || Number(now['done']) > told
    })
    if (now['status'] !== 'running') return now
    before = Number(now['done'])
  }
}

const countOf = (filter: object) => api.store.db.collection<MessageDocument>('messages').countDocuments(filter)

describe('an order that is done beside the request', () => {
  test('cancels all that match and were accepted by then, however many, and nothing else', async () => {
    await manyWaiting(api.store, ana.id, 3000)
    const others = [
      await waiting(api.store, ana.id, { instance: 'support' }),
      await waiting(api.store, bob.id),
      await waiting(api.store, ana.id, { acceptedAt: new Date(Date.now() + 60_000).toISOString() }),
      await failed(api.store, ana.id),
    ]
    const { answer, over } = await ordered(ana, '/v1/messages/cancel', { instance: 'sales' })
    assert.equal(answer.headers.get('preference-applied'), 'respond-async')
    const { id, createdAt, ...begun } = answer.body
    const self = { self: `/v1/operations/${String(id)}` }
    assert.deepEqual(begun, { kind: 'cancel', status: 'running', done: 0, skipped: 0, links: self })
    const { doneAt, ...told } = over
    assert.deepEqual(told, { id, createdAt, kind: 'cancel', status: 'done', done: 3000, skipped: 0, links: self })
    assert.ok(Date.parse(String(doneAt)) > 0)
    assert.equal(await countOf({ status: 'cancelled', 'actions.operation': String(id) }), 3000)
    const rows = await Promise.all(others.map((each) => rowOf(api.store, each)))
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['queued', 'queued', 'queued', 'failed'],
    )
  })

  test('is the same for whoever repeats it under its Idempotency-Key', async () => {
    const headers = { ...ASYNC, 'idempotency-key': 'k 1' }
    const [first, second] = [
      await ana.post('/v1/messages/cancel', { all: true }, headers),
      await ana.post('/v1/messages/cancel', { all: true }, headers),
    ]
    assert.equal(second.body['id'], first.body['id'])
    assert.equal(second.headers.get('idempotent-replayed'), 'true')
    assert.equal((await ana.post('/v1/messages/cancel', { instance: 'sales' }, headers)).status, 422)
  })

  test('looks to anybody else as if it were not there', async () => {
    const { over } = await ordered(ana, '/v1/messages/cancel', { all: true })
    const foreign = await bob.get(`/v1/operations/${String(over['id'])}`)
    const missing = await bob.get(`/v1/operations/${randomUUID()}`)
    assert.deepEqual([foreign.status, foreign.body['code']], [404, 'operation-not-found'])
    assert.deepEqual({ ...foreign.body, requestId: '' }, { ...missing.body, requestId: '' })
    assert.deepEqual((await bob.get('/v1/operations')).body['data'], [])
    assert.equal((await api.admin.get(`/v1/operations/${String(over['id'])}`)).status, 404)
  })

  test('is one of five of a user at most, and one that is over makes room', async () => {
    const { db, bulkOperations } = api.store
    const order = { kind: 'cancel', filter: { user: ana.id } } as const
    // Held by nobody who would work at them.
    const lease = { by: 'nobody', until: new Date(Date.now() + 3_600_000) }
    for (let n = 0; n < 5; n++) {
      await bulkOperations.order({ by: ana.id, address: '', order, from: undefined })
      await db.collection('bulk_operations').updateMany({}, { $set: { lease } })
    }
    const refused = await ana.post('/v1/messages/cancel', { all: true }, ASYNC)
    assert.deepEqual([refused.status, refused.body['code']], [409, 'too-many-operations'])
    await ordered(bob, '/v1/messages/cancel', { all: true })
    await db.collection('bulk_operations').deleteOne({ by: ana.id, status: 'running' })
    await ordered(ana, '/v1/messages/cancel', { all: true })
  })

  test('is listed newest first, and a page goes on from the one before', async () => {
    const ids: unknown[] = []
    for (let n = 0; n < 3; n++) ids.unshift((await ordered(ana, '/v1/messages/cancel', { all: true })).over['id'])
    const first = await ana.get('/v1/operations?limit=2')
    const second = await ana.get(`/v1/operations?limit=2&cursor=${String(first.body['next'])}`)
    const shown = [first, second].flatMap(({ body }) => [body['data']].flat().map((each: unknown) => Object(each).id))
    assert.deepEqual([shown, second.body['next']], [ids, null])
  })

  test('ends without another message when its user may not do this any more', async () => {
    const eve = await api.user('eve@example.com')
    const id = await waiting(api.store, eve.id)
    await api.admin.patch(`/v1/users/${eve.id}`, { status: 'rejected', reason: 'spam' })
    const order = { kind: 'cancel', filter: { user: eve.id } } as const
    const made = await api.store.bulkOperations.order({ by: eve.id, address: '', order, from: undefined })
    assert.ok(made !== 'too-many')
    const find = () => api.store.bulkOperations.find({ id: made.id, by: eve.id })
    await until('it is over', async () => (await find())?.status === 'failed')
    assert.deepEqual([(await find())?.reason?.code, (await rowOf(api.store, id)).status], ['forbidden', 'queued'])
  })
})

describe('dead letters beside the request', () => {
  test('are replayed or discarded by filter, with the time that was said at the order', async () => {
    const to = '+5511999992000'
    const [match, other] = [await failed(api.store, ana.id, { to }), await failed(api.store, ana.id)]
    const replay = await ordered(ana, '/v1/dead-letters/replay', { to, ttlSeconds: 3600 })
    assert.deepEqual([replay.over['kind'], replay.over['done']], ['replay', 1])
    const { status, expiresAt } = await rowOf(api.store, match)
    assert.equal(status, 'queued')
    const said = Date.parse(String(replay.over['createdAt'])) + 3_600_000
    assert.ok(Math.abs((expiresAt?.getTime() ?? 0) - said) < 5000)
    const discard = await ordered(ana, '/v1/dead-letters/discard', { all: true })
    assert.deepEqual([discard.over['kind'], discard.over['done']], ['discard', 1])
    assert.deepEqual(await actionsOf(api.store, other), [{ by: ana.id, action: 'discard' }])
  })

  test('of others are in the audit log with what came of it, and nobody but who may see them orders it', async () => {
    for (const user of [ana.id, ana.id, bob.id]) await failed(api.store, user)
    assert.equal((await ana.post('/v1/dead-letters/replay', { user: bob.id }, ASYNC)).status, 403)
    const mine = await ordered(ana, '/v1/dead-letters/replay', { all: true })
    assert.equal(mine.over['done'], 2)
    const theirs = await ordered(api.admin, '/v1/dead-letters/replay', { user: bob.id })
    const { body } = await api.admin.get('/v1/audit')
    assert.deepEqual(
      [body['data']].flat().map((each: unknown) => {
        const { action, target, address, details } = Object(each)
        return { action, target, address, details }
      }),
      [
        {
          action: 'dead-letters.replayed',
          target: bob.id,
          address: '127.0.0.1',
          details: { count: 1, operation: theirs.over['id'] },
        },
      ],
    )
  })
})
