import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import type { Answer } from './client.ts'

const WEBHOOK = { url: 'https://93.184.215.14/hooks', events: ['message.sent'] }

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
})
after(() => api.stop())

test('whatever is created under a key is created once, and a repetition is answered with the same, secrets included', async () => {
  const made = await repeated(ana, '/v1/webhooks', WEBHOOK)
  const id = String(made['id'])
  await repeated(ana, `/v1/webhooks/${id}/rotate-secret`)
  await repeated(ana, `/v1/webhooks/${id}/ping`)
  await repeated(ana, '/v1/persons/erase', { number: '+5511999991000' })
  await repeated(ana, '/v1/api-keys', { name: 'shop', scopes: ['messages:send'] })
  await repeated(ana, '/v1/instances', { name: 'sales' })
  await repeated(api.admin, `/v1/users/${bob.id}/password-reset`)
  assert.deepEqual([await count(ana, '/v1/webhooks'), await count(ana, '/v1/api-keys')], [1, 1])
  assert.equal(await count(ana, '/v1/instances'), 1)
  const server = { name: 'second', url: 'https://evolution.example.com', apiKey: 'key-of-that-server' }
  await repeated(api.admin, '/v1/admin/evolution-servers', server)
  assert.equal(await count(ana, `/v1/webhooks/${id}/deliveries`), 1)
  assert.equal(await api.store.db.collection('person_erasures').countDocuments(), 1)
})

test('two that come at once create one thing: the second waits or is told to come again', async () => {
  const before = await count(ana, '/v1/webhooks')
  const key = randomUUID()
  const answers = await Promise.all(Array.from({ length: 6 }, () => post(ana, '/v1/webhooks', WEBHOOK, key)))
  for (const { status, headers, body } of answers) {
    if (status === 201) continue
    assert.deepEqual([status, body['code'], headers.get('retry-after')], [409, 'request-under-way', '1'])
  }
  const ids = new Set(answers.flatMap(({ body, status }) => (status === 201 ? [body['id']] : [])))
  assert.deepEqual([ids.size, await count(ana, '/v1/webhooks')], [1, before + 1])
})

test('the same body in another order is the same request; another body under the key is refused', async () => {
  const key = randomUUID()
  const made = await post(ana, '/v1/webhooks', WEBHOOK, key)
  const { url, events } = WEBHOOK
  assert.deepEqual((await post(ana, '/v1/webhooks', { events, url }, key)).body, made.body)
  const other = await post(ana, '/v1/webhooks', { url }, key)
  assert.deepEqual([other.status, other.body['code']], [422, 'idempotency-key-reused'])
})

test('a key is its user’s own, and of one route: nobody is answered with what is another’s', async () => {
  const key = randomUUID()
  const [mine, his] = [await post(ana, '/v1/webhooks', WEBHOOK, key), await post(bob, '/v1/webhooks', WEBHOOK, key)]
  assert.deepEqual([mine.status, his.status, his.headers.get('idempotent-replayed')], [201, 201, null])
  assert.notEqual(mine.body['id'], his.body['id'])
  const named = await post(ana, '/v1/api-keys', { name: 'shop', scopes: ['messages:send'] }, key)
  assert.equal(named.status, 201)
})

test('what is refused frees the key, and once mended goes through under it', async () => {
  const key = randomUUID()
  const refused = await post(api.admin, '/v1/instances', { name: 'lost', adopt: true }, key)
  assert.ok(refused.status >= 400, String(refused.status))
  const mended = await post(api.admin, '/v1/instances', { name: 'found' }, key)
  assert.deepEqual([mended.status, mended.headers.get('idempotent-replayed')], [201, null])
})

test('whoever may not do it any more is not answered with what he did', async () => {
  const key = randomUUID()
  const carl = await api.user('carl@example.com')
  await post(carl, '/v1/webhooks', WEBHOOK, key)
  assert.equal((await api.admin.patch(`/v1/users/${carl.id}`, { role: 'viewer' })).status, 200)
  assert.equal((await post(carl, '/v1/webhooks', WEBHOOK, key)).status, 403)
})

test('a key that cannot be one is refused before anything is done', async () => {
  const before = await count(bob, '/v1/webhooks')
  for (const key of ['', 'x'.repeat(256), 'ü'])
    assert.equal((await post(bob, '/v1/webhooks', WEBHOOK, key)).status, 400, key)
  assert.equal(await count(bob, '/v1/webhooks'), before)
})

test('no secret of an answer is in the log or lies open in the database, and no hash tells what was asked', async () => {
  const wanted = { name: 'shop', scopes: ['messages:send'] }
  const { body } = await post(ana, '/v1/api-keys', wanted, randomUUID())
  const hash = createHash('sha256').update(JSON.stringify(wanted)).digest('base64url')
  const secret = String(body['key']).slice(10)
  const kept = JSON.stringify(await api.store.db.collection('idempotent_answers').find().toArray())
  assert.ok(secret.length > 20 && !kept.includes(secret) && !api.logs().includes(secret))
  assert.ok(kept.length > 2 && !kept.includes(hash))
})

type Caller = Pick<TestUser, 'post' | 'get'>

function post(user: Caller, path: string, body: unknown, key: string): Promise<Answer> {
  return user.post(path, body, { 'idempotency-key': key })
}

/** Posts twice under one key; answers with the body of both. */
async function repeated(user: Caller, path: string, body?: unknown): Promise<Answer['body']> {
  const key = randomUUID()
  const [first, second] = [await post(user, path, body, key), await post(user, path, body, key)]
  assert.ok(first.status >= 200 && first.status <= 202, `${path}: ${JSON.stringify(first.body)}`)
  assert.deepEqual([second.status, second.body], [first.status, first.body], path)
  const marks = [first, second].map(({ headers }) => headers.get('idempotent-replayed'))
  assert.deepEqual(marks, [null, 'true'], path)
  for (const name of ['location', 'cache-control'])
    assert.equal(second.headers.get(name), first.headers.get(name), `${path}: ${name}`)
  return first.body
}

async function count(user: Caller, path: string): Promise<number> {
  const { data } = (await user.get(path)).body
  return Array.isArray(data) ? data.length : Number.NaN
}
