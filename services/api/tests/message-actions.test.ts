import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MessageRecord } from '@whatsapp-sender/contract'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { actionsOf, failed, ingest, rowOf, waiting } from './ledger-messages.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
  assert.equal((await ana.post('/v1/instances', { name: 'sales' })).status, 201)
})
after(() => api.stop())

const MESSAGE = { instance: 'sales', to: '+5511999991000', text: 'olá' }
const HOUR_MS = 3_600_000
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('what a message may say of its time', () => {
  test('stands in its record, in UTC, with the caller’s own facts', async () => {
    const metadata = { shop: 'north', 'order:id': '7' }
    const asked = { sendAt: '2027-01-31T18:00:00-03:00', priority: 'high', reference: 'order 7', metadata }
    const expiresAt = '2027-01-31T19:00:00.5-03:00'
    const { status, body } = await ana.post('/v1/messages', { ...MESSAGE, ...asked, expiresAt })
    assert.equal(status, 202)
    const record = await recordOf(body['id'])
    assert.deepEqual(
      [record.sendAt, record.expiresAt, record.priority, record.reference, record.metadata],
      ['2027-01-31T21:00:00.000Z', '2027-01-31T22:00:00.500Z', 'high', 'order 7', metadata],
    )
  })

  test('a time to live counts from the moment it may be sent', async () => {
    const sendAt = inMs(HOUR_MS)
    const later = await recordOf((await ana.post('/v1/messages', { ...MESSAGE, sendAt, ttlSeconds: 60 })).body['id'])
    assert.equal(Date.parse(later.expiresAt ?? ''), Date.parse(sendAt) + 60_000)
    const now = await recordOf((await ana.post('/v1/messages', { ...MESSAGE, ttlSeconds: 60 })).body['id'])
    assert.equal(Date.parse(now.expiresAt ?? ''), Date.parse(now.acceptedAt) + 60_000)
  })

  test('a repeated call with a time to live is the same call, also when its time is over by then', async () => {
    const headers = { 'idempotency-key': 'otp 1' }
    const asked = { ...MESSAGE, ttlSeconds: 300 }
    const first = await ana.post('/v1/messages', asked, headers)
    assert.equal((await ana.post('/v1/messages', asked, headers)).status, 202)
    await ingest(api.store, await recordOf(first.body['id']))
    const again = await ana.post('/v1/messages', asked, headers)
    assert.deepEqual([again.status, again.headers.get('idempotent-replayed')], [202, 'true'])
    assert.equal((await ana.post('/v1/messages', { ...asked, ttlSeconds: 301 }, headers)).status, 422)

    const otp = { ...MESSAGE, expiresAt: inMs(1200) }
    const key = { 'idempotency-key': 'otp 2' }
    const accepted = await ana.post('/v1/messages', otp, key)
    await ingest(api.store, await recordOf(accepted.body['id']))
    await until('its time is over', () => Date.now() > Date.parse(otp.expiresAt))
    assert.deepEqual((await ana.post('/v1/messages', otp, key)).body, accepted.body)
    assert.equal((await ana.post('/v1/messages', otp)).status, 400)
  })

  test('what makes no sense is refused by name', async () => {
    const cases: readonly (readonly [more: object, fields: string[]])[] = [
      [{ sendAt: '2027-01-31T18:00:00' }, ['sendAt']],
      [{ sendAt: '2027-02-31T18:00:00Z' }, ['sendAt']],
      [{ sendAt: 1_800_000_000 }, ['sendAt']],
      [{ sendAt: inMs(400 * 24 * HOUR_MS) }, ['sendAt']],
      [{ sendAt: '0000-01-01T00:00:00+00:01' }, ['sendAt']],
      [{ expiresAt: '9999-12-31T23:59:59-00:01' }, ['expiresAt']],
      [{ expiresAt: inMs(-HOUR_MS) }, ['expiresAt']],
      [{ expiresAt: inMs(HOUR_MS), ttlSeconds: 1 }, ['ttlSeconds']],
      [{ sendAt: inMs(2 * HOUR_MS), expiresAt: inMs(HOUR_MS) }, ['expiresAt']],
      [{ ttlSeconds: 0 }, ['ttlSeconds']],
      [{ ttlSeconds: 1.5 }, ['ttlSeconds']],
      [{ priority: 'urgent' }, ['priority']],
      [{ reference: '' }, ['reference']],
      [{ reference: 'x'.repeat(257) }, ['reference']],
      [{ metadata: { a: 1 } }, ['metadata.a']],
      [{ metadata: { 'a.b': '' } }, ['metadata.a.b']],
      [{ metadata: { $a: '' } }, ['metadata.$a']],
      [{ metadata: { a: 'x'.repeat(501) } }, ['metadata.a']],
      [{ metadata: JSON.parse('{"a":"x","__proto__":"x"}') }, ['metadata.__proto__']],
      [{ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`k${at}`, ''])) }, ['metadata']],
    ]
    const produced = await api.topics.countMessages()
    for (const [more, fields] of cases) {
      const answer = await ana.post('/v1/messages', { ...MESSAGE, ...more })
      assert.deepEqual([answer.status, faultyFields(answer)], [400, fields], JSON.stringify(more))
    }
    assert.equal(await api.topics.countMessages(), produced)
    const past = await ana.post('/v1/messages', { ...MESSAGE, sendAt: inMs(-HOUR_MS) })
    assert.equal(past.status, 202, 'a time that has passed means nothing')
  })
})

describe('cancelling', () => {
  test('waits for a message on its way to the ledger, and takes it back once', async () => {
    const { body } = await ana.post('/v1/messages', MESSAGE)
    const cancelling = ana.post(`/v1/messages/${String(body['id'])}/cancel`)
    await ingest(api.store, await recordOf(body['id']))
    const cancelled = await cancelling
    assert.deepEqual([cancelled.status, cancelled.body['status']], [200, 'cancelled'])
    assert.deepEqual((await actionsOf(api.store, body['id'])).at(-1), { by: ana.id, action: 'cancel' })
    const again = await ana.post(`/v1/messages/${String(body['id'])}/cancel`)
    assert.deepEqual([again.status, again.body], [200, cancelled.body])
  })

  test('is answered alike when it is repeated, also for a message that may have been sent before', async () => {
    const id = await waiting(api.store, ana.id)
    await api.store.ledger.claim({ ids: [id], token: 'lost', by: 'p' })
    const attempt = { number: 1, startedAt: new Date(), durationMs: 1, outcome: 'retry' } as const
    const error = { kind: 'ambiguous', code: 'timeout', detail: '' }
    await api.store.ledger.recordOutcomes([
      { id, claim: 'lost', attempt: { ...attempt, error }, counted: true, status: 'queued', nextAttemptAt: new Date() },
    ])
    const cancel = () => ana.post(`/v1/messages/${id}/cancel`)
    const cancelled = await cancel()
    assert.deepEqual([cancelled.status, cancelled.body['status']], [200, 'unknown'])
    const again = await cancel()
    assert.deepEqual([again.status, again.body], [200, cancelled.body])
    await ana.post(`/v1/dead-letters/${id}/replay`)
    await api.store.ledger.claim({ ids: [id], token: 'again', by: 'p' })
    assert.equal((await cancel()).status, 409)
  })

  test('says so when the message does not come into the ledger, or is another user’s', async () => {
    const { body } = await ana.post('/v1/messages', MESSAGE)
    const unknown = await ana.post(`/v1/messages/${String(body['id'])}/cancel`)
    assert.deepEqual([unknown.status, unknown.headers.get('retry-after')], [404, '1'])
    const id = await waiting(api.store, ana.id)
    assert.equal((await bob.post(`/v1/messages/${id}/cancel`)).status, 404)
    assert.equal((await bob.patch(`/v1/messages/${id}`, { priority: 'high' })).status, 404)
    assert.equal((await rowOf(api.store, id)).status, 'queued')
  })

  test('comes too late for a message that is being sent, and for one that has ended', async () => {
    const id = await waiting(api.store, ana.id)
    await api.store.ledger.claim({ ids: [id], token: 't', by: 'p' })
    const sending = await ana.post(`/v1/messages/${id}/cancel`)
    assert.deepEqual([sending.status, sending.body['code'], sending.body['status']], [409, 'wrong-status', 409])
    assert.deepEqual([sending.body['messageStatus'], sending.headers.get('retry-after')], ['sending', '1'])
    const over = await failed(api.store, ana.id)
    const ended = await ana.post(`/v1/messages/${over}/cancel`)
    assert.deepEqual(
      [ended.status, ended.body['messageStatus'], ended.headers.get('retry-after')],
      [409, 'failed', null],
    )
  })
})

describe('changing a message that waits', () => {
  test('puts it off, brings it forward and moves its expiry', async () => {
    const id = await waiting(api.store, ana.id)
    const sendAt = inMs(HOUR_MS)
    const change = (body: unknown) => ana.patch(`/v1/messages/${id}`, body)
    const off = await change({ sendAt, priority: 'bulk' })
    assert.deepEqual([off.status, off.body['status'], off.body['waitingFor']], [200, 'scheduled', 'schedule'])
    assert.deepEqual([off.body['sendAt'], off.body['priority']], [sendAt, 'bulk'])
    assert.equal((await rowOf(api.store, id)).appendedAt.toISOString(), sendAt)
    const early = await change({ expiresAt: inMs(HOUR_MS / 2) })
    assert.deepEqual([early.status, faultyFields(early)], [400, ['expiresAt']])
    const expiresAt = inMs(2 * HOUR_MS)
    assert.equal((await change({ expiresAt })).body['expiresAt'], expiresAt)
    const beyond = await change({ sendAt: inMs(3 * HOUR_MS) })
    assert.deepEqual([beyond.status, faultyFields(beyond)], [400, ['sendAt']])
    const now = await change({ sendAt: null, expiresAt: null })
    assert.deepEqual([now.body['status'], now.body['sendAt'], now.body['expiresAt']], ['queued', undefined, undefined])
    assert.ok((await rowOf(api.store, id)).wakeAt !== undefined, 'its owner is told')
    assert.equal((await actionsOf(api.store, id)).length, 3)
  })

  test('names what is wrong, and refuses what does not wait', async () => {
    const id = await waiting(api.store, ana.id)
    for (const [body, field] of [
      [{}, 'body'],
      [{ sendAt: 'tomorrow' }, 'sendAt'],
      [{ expiresAt: inMs(-1) }, 'expiresAt'],
      [{ priority: 'high', text: 'x' }, 'text'],
    ] as const) {
      const answer = await ana.patch(`/v1/messages/${id}`, body)
      assert.deepEqual([answer.status, faultyFields(answer)], [400, [field]])
    }
    await ana.post(`/v1/messages/${id}/cancel`)
    const cancelled = await ana.patch(`/v1/messages/${id}`, { priority: 'high' })
    assert.deepEqual([cancelled.status, cancelled.body['messageStatus']], [409, 'cancelled'])
  })
})

/** The record of an accepted message. */
async function recordOf(id: unknown): Promise<MessageRecord> {
  const record = (await api.topics.messages()).find((candidate) => candidate.id === id)
  assert.ok(record)
  return record
}
