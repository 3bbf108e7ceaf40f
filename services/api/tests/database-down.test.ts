import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, PASSWORD, startApi, type TestUser } from './api-under-test.ts'
import { clientOf } from './client.ts'
import { openLine } from './cut.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let line: Awaited<ReturnType<typeof openLine>>
let ana: TestUser
let known: ReturnType<typeof clientOf>
let unknown: ReturnType<typeof clientOf>

before(async () => {
  const { hostname, port } = new URL(String(process.env['MONGO_URL']).replace(/^mongodb:/, 'http:'))
  line = await openLine({ host: hostname, port: Number(port) })
  api = await startApi({ env: { MONGO_URL: `mongodb://127.0.0.1:${line.port}/?directConnection=true` } })
  ana = await api.user('ana@example.com')
  await ana.post('/v1/instances', { name: 'sales' })
  const newKey = async () => {
    const { body } = await ana.post('/v1/api-keys', { name: 'k', scopes: ['messages:send'] })
    return clientOf(api.url, String(body['key']))
  }
  known = await newKey()
  unknown = await newKey()
  assert.equal((await known.post('/v1/messages', {})).status, 400)
  line.cut()
})
after(async () => {
  line.mend()
  await api.stop()
  line.close()
})

const MESSAGE = { instance: 'sales', to: '+5511999991000', text: 'olá' }

describe('with the database down', () => {
  test('messages of those who were known are accepted, with and without an idempotency key', async () => {
    assert.equal((await ana.post('/v1/messages', MESSAGE)).status, 202)
    const startedAt = performance.now()
    assert.equal((await ana.post('/v1/messages', MESSAGE, { 'idempotency-key': 'a' })).status, 202)
    assert.ok(performance.now() - startedAt < 1000)
    assert.equal(await api.topics.countMessages(), 2)
  })

  test('a batch is accepted, with a key too', async () => {
    const before = await api.topics.countMessages()
    const body = { messages: [MESSAGE, MESSAGE] }
    assert.equal((await ana.post('/v1/messages/batch', body)).status, 202)
    const startedAt = performance.now()
    assert.equal((await ana.post('/v1/messages/batch', body, { 'idempotency-key': 'b' })).status, 202)
    assert.ok(performance.now() - startedAt < 1000)
    assert.equal(await api.topics.countMessages(), before + 4)
  })

  test('messages with an API key that was known are accepted; one that was not is neither let in nor called wrong', async () => {
    assert.equal((await known.post('/v1/messages', MESSAGE)).status, 202)
    const { status, body } = await unknown.post('/v1/messages', MESSAGE)
    assert.deepEqual([status, body['code']], [503, 'unavailable'])
  })

  test('an instance that cannot be looked up is not called missing', async () => {
    const unknown = { ...MESSAGE, instance: 'made-elsewhere' }
    const { status, body } = await ana.post('/v1/messages', unknown)
    assert.deepEqual([status, body['code']], [503, 'unavailable'])
    const batch = await ana.post('/v1/messages/batch', { messages: [unknown] })
    assert.deepEqual([batch.status, batch.body['code']], [503, 'unavailable'])
  })

  test('the API stays ready', async () => {
    assert.equal((await fetch(`${api.metricsUrl}/readyz`)).status, 200)
  })

  test('nobody gets in without a valid token, and what needs the database is 503 within a bound', async () => {
    assert.equal((await api.anybody.post('/v1/messages', MESSAGE)).status, 401)
    const startedAt = performance.now()
    const answers = await Promise.all([
      api.anybody.post('/user/login', { email: 'ana@example.com', password: PASSWORD }),
      api.anybody.post('/user/signup', { email: 'new@example.com', fullname: 'N', password: PASSWORD }),
      ana.get('/v1/messages/0192f0c1-0000-7000-8000-000000000000'),
      ana.get('/v1/instances'),
      ana.post('/v1/instances', { name: 'other' }),
      api.admin.get('/v1/users'),
    ])
    for (const { status, headers, body } of answers) {
      assert.equal(status, 503, JSON.stringify(body))
      assert.equal(body['code'], 'unavailable')
      assert.ok(headers.get('retry-after'))
      assert.doesNotMatch(JSON.stringify(body), /mongo|127\.0\.0\.1|at /i)
    }
    assert.ok(performance.now() - startedAt < 15_000)
  })

  test('all is as before once it is back', async () => {
    line.mend()
    await until('a login', async () => {
      const { status } = await api.anybody.post('/user/login', { email: 'ana@example.com', password: PASSWORD })
      return status === 200
    })
  })
})
