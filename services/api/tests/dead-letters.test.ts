import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { UndecodableRecord } from '@whatsapp-sender/store'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { type Answer, faultyFields } from './client.ts'
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

const ANA_TO = '+5511999991000'
const BOB_TO = '+5511999991001'

describe('the list of dead letters', () => {
  test('holds what needs a person, newest first, and whose it is', async () => {
    await waiting(api.store, ana.id)
    const ids = [await failed(api.store, ana.id), await failed(api.store, ana.id), await failed(api.store, bob.id)]
    assert.deepEqual(idsOf(await ana.get('/v1/dead-letters')), [ids[1], ids[0]])
    assert.deepEqual(idsOf(await bob.get('/v1/dead-letters')), [ids[2]])
    assert.deepEqual(idsOf(await api.admin.get('/v1/dead-letters')), [ids[2], ids[1], ids[0]])
    assert.deepEqual(idsOf(await api.admin.get(`/v1/dead-letters?user=${bob.id}`)), [ids[2]])
    assert.equal((await ana.get(`/v1/dead-letters?user=${bob.id}`)).status, 403)
    assert.equal((await bob.get(`/v1/dead-letters/${ids[0]}`)).status, 404)
    const { body } = await ana.get(`/v1/dead-letters/${ids[0]}`)
    assert.deepEqual([body['status'], Array.isArray(body['attempts'])], ['failed', true])
  })

  test('is told by instance, recipient, reason, status and time', async () => {
    const plain = await failed(api.store, ana.id)
    const { createdAt } = await rowOf(api.store, plain)
    const other = await failed(api.store, ana.id, { instance: 'support', to: BOB_TO, code: 'media-missing' })
    for (const query of ['instance=support', `to=${encodeURIComponent(BOB_TO)}`, 'reason=media-missing'])
      assert.deepEqual(idsOf(await ana.get(`/v1/dead-letters?${query}`)), [other], query)
    const until = new Date(createdAt.getTime() + 1).toISOString()
    assert.deepEqual(idsOf(await ana.get(`/v1/dead-letters?until=${until}`)), [plain])
    assert.deepEqual(idsOf(await ana.get(`/v1/dead-letters?since=${until}&status=failed`)), [other])
    assert.deepEqual(idsOf(await ana.get('/v1/dead-letters?status=unknown')), [])
    for (const [query, field] of [
      ['status=sent', 'status'],
      ['since=yesterday', 'since'],
      ['cursor=x', 'cursor'],
      ['order=up', 'order'],
    ] as const)
      assert.deepEqual(faultyFields(await ana.get(`/v1/dead-letters?${query}`)), [field])
  })

  test('is read page by page without a gap or a repetition, whatever comes and goes meanwhile', async () => {
    const ids: string[] = []
    for (let n = 0; n < 7; n++) ids.unshift(await failed(api.store, ana.id))
    const seen: unknown[] = []
    let cursor = ''
    for (let page = 0; page < 4 && (page === 0 || cursor !== ''); page++) {
      const answer = await ana.get(`/v1/dead-letters?limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...idsOf(answer))
      const { next } = answer.body
      cursor = typeof next === 'string' ? next : ''
      await failed(api.store, ana.id)
      await ana.post(`/v1/dead-letters/${String(seen.at(-1))}/discard`)
    }
    assert.deepEqual([seen, cursor], [ids, ''])
  })
})

describe('a dead letter', () => {
  test('is replayed once in its place with a new allowance, however many ask at once', async () => {
    const id = await failed(api.store, ana.id)
    const { appendedAt, offset } = await rowOf(api.store, id)
    const answers = await Promise.all(
      [ana, ana, api.admin, ana].map((who) => who.post(`/v1/dead-letters/${id}/replay`)),
    )
    assert.deepEqual(
      answers.map(({ status }) => status).sort((a, b) => a - b),
      [200, 409, 409, 409],
    )
    const row = await rowOf(api.store, id)
    assert.deepEqual([row.status, row.attemptsCount, row.attempts.length], ['queued', 0, 1])
    assert.deepEqual([row.appendedAt, row.offset], [appendedAt, offset])
    assert.deepEqual([row.attention, row.reason, row.expireAt, row.open], [undefined, undefined, undefined, 1])
    assert.ok(row.wakeAt !== undefined, 'its owner is told')
    assert.equal((await actionsOf(api.store, id)).length, 1)
  })

  test('whose time is over is replayed with a new one only', async () => {
    const id = await failed(api.store, ana.id, { expiresAt: new Date(Date.now() + 3_600_000).toISOString() })
    await api.store.db.collection('messages').updateOne({}, { $set: { expiresAt: new Date(0) } })
    const replay = (body?: unknown) => ana.post(`/v1/dead-letters/${id}/replay`, body)
    const plain = await replay()
    assert.deepEqual([plain.status, faultyFields(plain)], [400, ['expiresAt']])
    assert.deepEqual(faultyFields(await replay({ expiresAt: new Date(1).toISOString() })), ['expiresAt'])
    assert.deepEqual((await ana.post('/v1/dead-letters/replay', { all: true })).body, ALL_SKIPPED)
    const { status, body } = await replay({ ttlSeconds: 60 })
    assert.deepEqual([status, body['status']], [200, 'queued'])
    assert.ok(Date.parse(String(body['expiresAt'])) > Date.now() + 50_000)
  })

  test('that expired is replayed by its id, without being on the list', async () => {
    const id = await waiting(api.store, ana.id, { expiresAt: new Date(0).toISOString() })
    await api.store.ledger.endWaiting([id], 'expired', { code: 'expired', detail: '' })
    assert.deepEqual(idsOf(await ana.get('/v1/dead-letters')), [])
    const { status, body } = await ana.post(`/v1/dead-letters/${id}/replay`, { expiresAt: null })
    assert.deepEqual([status, body['status'], body['expiresAt']], [200, 'queued', undefined])
  })

  test('that is discarded is off the list for good, and its row still guards its id', async () => {
    const id = await failed(api.store, ana.id)
    assert.equal((await bob.post(`/v1/dead-letters/${id}/discard`)).status, 404)
    assert.equal((await api.admin.post(`/v1/dead-letters/${id}/discard`)).status, 200)
    assert.deepEqual(idsOf(await ana.get('/v1/dead-letters')), [])
    for (const action of ['discard', 'replay'])
      assert.equal((await ana.post(`/v1/dead-letters/${id}/${action}`)).status, 409)
    const { status, expireAt } = await rowOf(api.store, id)
    assert.deepEqual([status, expireAt !== undefined], ['failed', true])
    assert.equal((await actionsOf(api.store, id))[0]?.action, 'discard')
  })

  test('that is discarded is not said to need another time, when its time is over too', async () => {
    const id = await failed(api.store, ana.id)
    await api.store.db.collection('messages').updateOne({}, { $set: { expiresAt: new Date(0) } })
    assert.equal((await ana.post(`/v1/dead-letters/${id}/discard`)).status, 200)
    const { status, body } = await ana.post(`/v1/dead-letters/${id}/replay`)
    assert.deepEqual([status, body['messageStatus']], [409, 'failed'])
  })
})

describe('many dead letters at once', () => {
  test('are replayed by filter, and only those that the caller may see', async () => {
    const own = [await failed(api.store, ana.id), await failed(api.store, ana.id, { to: BOB_TO })]
    const foreign = await failed(api.store, bob.id)
    const one = await ana.post('/v1/dead-letters/replay', { to: ANA_TO })
    assert.deepEqual(one.body, { replayed: 1, skipped: 0, next: null })
    assert.deepEqual(idsOf(await ana.get('/v1/dead-letters')), [own[1]])
    assert.equal((await ana.post('/v1/dead-letters/replay', { user: bob.id })).status, 403)
    assert.deepEqual((await ana.post('/v1/dead-letters/replay', { all: true })).body, { ...one.body })
    assert.equal((await rowOf(api.store, foreign)).status, 'failed')
    assert.deepEqual((await api.admin.post('/v1/dead-letters/discard', { all: true })).body, {
      discarded: 1,
      next: null,
    })
  })

  test('are never all of them by a slip', async () => {
    for (const action of ['replay', 'discard']) {
      for (const body of [{}, undefined, { cursor: CURSOR }]) {
        const answer = await ana.post(`/v1/dead-letters/${action}`, body)
        assert.deepEqual([answer.status, faultyFields(answer)], [400, ['body']])
      }
    }
    const expiry = await ana.post('/v1/dead-letters/replay', { ttlSeconds: 60 })
    assert.deepEqual(faultyFields(expiry), ['body'])
  })

  test('go on from where a request of ten thousand ended, in chunks', async () => {
    const { ledger } = api.store
    for (let n = 0; n < 5; n++) await failed(api.store, ana.id)
    const first = await ledger.replayMatching({ user: ana.id }, { by: ana.id, limit: 2 })
    assert.deepEqual([first.done, first.seen], [2, 2])
    assert.ok(first.next)
    const cursor = `${first.next.at.toString(36)}@${first.next.id}`
    const rest = await ana.post('/v1/dead-letters/replay', { all: true, cursor })
    assert.deepEqual(rest.body, { replayed: 3, skipped: 0, next: null })
  })
})

describe('records that could not become messages', () => {
  test('are listed, shown with all their bytes and discarded by administrators only', async () => {
    await api.store.undecodable.insert([undecodable(1n, Buffer.from('{"v":')), undecodable(2n, Buffer.from([0xff, 0]))])
    for (const path of ['/v1/undecodable', '/v1/undecodable/t:0:1']) assert.equal((await ana.get(path)).status, 403)
    assert.equal((await ana.call('DELETE', '/v1/undecodable/t:0:1')).status, 403)
    const first = await api.admin.get('/v1/undecodable?limit=1')
    const second = await api.admin.get(`/v1/undecodable?limit=1&cursor=${String(first.body['next'])}`)
    assert.deepEqual([...idsOf(first), ...idsOf(second)], ['t:0:2', 't:0:1'])
    assert.equal(second.body['next'], null)

    const { body } = await api.admin.get('/v1/undecodable/t:0:1')
    assert.deepEqual(body['value'], { base64: Buffer.from('{"v":').toString('base64'), text: '{"v":' })
    assert.deepEqual(body['headers'], [{ name: 'traceparent', base64: 'MDA=', text: '00' }])
    assert.deepEqual([body['topic'], body['partition'], body['offset'], body['reason']], ['t', 0, '1', 'not-json'])
    const binary = await api.admin.get('/v1/undecodable/t:0:2')
    assert.deepEqual(binary.body['value'], { base64: '/wA=' })

    assert.equal((await api.admin.call('DELETE', '/v1/undecodable/t:0:1')).status, 204)
    assert.equal((await api.admin.call('DELETE', '/v1/undecodable/t:0:1')).status, 404)
    assert.equal((await api.admin.get('/v1/undecodable/t:0:1')).status, 404)
    assert.match(api.logs(), /"action":"undecodable.discarded","target":"t:0:1"/)
    assert.deepEqual(faultyFields(await api.admin.get('/v1/undecodable/t%2F0%2F1')), ['id'])
  })
})

const ALL_SKIPPED = { replayed: 0, skipped: 1, next: null }
const CURSOR = `k@${'0'.repeat(36)}`

function undecodable(offset: bigint, value: Buffer): UndecodableRecord {
  const place = { topic: 't', partition: 0, offset }
  return {
    ...place,
    key: null,
    value,
    headers: { traceparent: '00' },
    reason: 'not-json',
    detail: 'the value is not JSON',
  }
}

function idsOf({ status, body }: Answer): unknown[] {
  assert.equal(status, 200)
  const { data } = body
  assert.ok(Array.isArray(data))
  return data.map((each: unknown) => Object(each).id)
}
