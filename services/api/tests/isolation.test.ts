import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
  for (const [user, name] of [
    [ana, 'anas'],
    [bob, 'bobs'],
  ] as const) {
    assert.equal((await user.post('/v1/instances', { name })).status, 201)
  }
})
after(() => api.stop())

const message = (instance: string) => ({ instance, to: '+5511999991000', text: 'olá' })

describe('between users', () => {
  test('everybody sends from his own instances only; a foreign one looks like none', async () => {
    for (const [user, own, foreign] of [
      [ana, 'anas', 'bobs'],
      [bob, 'bobs', 'anas'],
      [api.admin, '', 'anas'],
    ] as const) {
      if (own) assert.equal((await user.post('/v1/messages', message(own))).status, 202)
      const before = await api.topics.countMessages()
      const answer = await user.post('/v1/messages', message(foreign))
      const nobody = await user.post('/v1/messages', message('nobodys'))
      assert.equal(answer.status, 404)
      assert.deepEqual(answer.body, nobody.body)
      assert.equal(await api.topics.countMessages(), before)
    }
  })

  test('nobody reads or connects the instance of another', async () => {
    const read = await bob.get('/v1/instances/anas')
    assert.deepEqual([read.status, read.body], [404, (await bob.get('/v1/instances/nobodys')).body])
    assert.equal((await bob.post('/v1/instances/anas/connect')).status, 404)
    const { body } = await bob.get('/v1/instances')
    assert.match(JSON.stringify(body), /bobs/)
    assert.doesNotMatch(JSON.stringify(body), /anas/)
  })

  test('nobody reads the message of another', async () => {
    const { body } = await ana.post('/v1/messages', message('anas'))
    const record = (await api.topics.messages()).find(({ id }) => id === body['id'])
    assert.ok(record)
    await api.store.ledger.insert([{ record, appendedAt: Date.now(), offset: 0n, wake: false }], new Date())
    assert.equal((await ana.get(`/v1/messages/${record.id}`)).status, 200)
    const foreign = await bob.get(`/v1/messages/${record.id}`)
    const missing = await bob.get('/v1/messages/0192f0c1-0000-7000-8000-000000000000')
    assert.deepEqual([foreign.status, foreign.body], [404, missing.body])
  })

  test('the same idempotency key of two users is two messages', async () => {
    const headers = { 'idempotency-key': 'order 1' }
    const a = await ana.post('/v1/messages', message('anas'), headers)
    const b = await bob.post('/v1/messages', message('bobs'), headers)
    assert.notEqual(a.body['id'], b.body['id'])
  })

  test('no token of an instance is ever answered, logged or written to Kafka', async () => {
    const instance = await api.store.instances.findByName('anas')
    assert.ok(instance)
    const told = JSON.stringify([
      (await ana.get('/v1/instances/anas')).body,
      (await ana.get('/v1/instances')).body,
      await api.topics.messages(),
    ])
    for (const secret of [instance.evolutionToken, instance.webhookSecretHash, api.evolution.apiKey]) {
      assert.ok(!told.includes(secret))
      assert.ok(!api.logs().includes(secret))
    }
    assert.ok(!api.logs().includes('5511999991000'))
  })
})
