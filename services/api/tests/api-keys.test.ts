import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { clientOf, faultyFields } from './client.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi({ overrides: { keyUsesEveryMs: 20 } })
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
  for (const name of ['sales', 'support']) await ana.post('/v1/instances', { name })
})
after(() => api.stop())

const message = (instance = 'sales') => ({ instance, to: '+5511999991000', text: 'olá' })
const ALL = ['messages:send', 'messages:read', 'instances:read', 'instances:manage', 'webhooks:manage']

async function keyOf(user: TestUser, more: object = {}) {
  const { status, body } = await user.post('/v1/api-keys', { name: 'a key', scopes: ALL, ...more })
  assert.equal(status, 201, JSON.stringify(body))
  const key = String(body['key'])
  return { id: String(body['id']), key, ...clientOf(api.url, key) }
}

describe('API keys', () => {
  test('one is shown once, sends in the name of its user, and a list shows what it begins with', async () => {
    const made = await ana.post('/v1/api-keys', { name: ' shop ', scopes: ['messages:send', 'messages:send'] })
    assert.deepEqual([made.status, made.headers.get('cache-control')], [201, 'no-store'])
    const { key, ...shown } = made.body
    assert.equal((await clientOf(api.url, String(key)).post('/v1/messages', message())).status, 202)
    const { body } = await ana.get('/v1/api-keys')
    const [listed] = [body['data']].flat()
    assert.deepEqual({ ...Object(listed), lastUsedAt: null }, shown)
    assert.ok(String(key).startsWith(`${String(shown['prefix'])}_`))
    assert.deepEqual([shown['name'], shown['scopes']], ['shop', ['messages:send']])
    const records = await api.topics.messages()
    assert.equal(records.at(-1)?.user, ana.id)
  })

  test('neither database nor log holds a key, and the hash of one opens nothing', async () => {
    const { key, id } = await keyOf(ana)
    await clientOf(api.url, key).get('/v1/instances')
    const row = await api.store.apiKeys.findById(id)
    assert.ok(row)
    const collections = await api.store.db.collections()
    const dump = JSON.stringify(await Promise.all(collections.map((each) => each.find().toArray())))
    assert.ok(dump.includes(row.hash))
    for (const secret of [key, key.slice(-51), key.slice(-51, -8)]) {
      assert.ok(!dump.includes(secret))
      assert.ok(!api.logs().includes(secret))
    }
    assert.equal((await clientOf(api.url, row.hash).get('/v1/instances')).status, 401)
  })

  test('it is taken from the header only, and one that is wrong, cut or made up is refused', async () => {
    const { key, get } = await keyOf(ana)
    assert.equal((await get('/v1/instances')).status, 200)
    for (const query of [`api_key=${key}`, `access_token=${key}`, `key=${key}`]) {
      assert.equal((await api.anybody.get(`/v1/instances?${query}`)).status, 401)
    }
    const madeUp = `wsk_${'0'.repeat(16)}_${'a'.repeat(51)}`
    for (const wrong of [key.slice(0, -1), `${key}a`, key.toUpperCase(), madeUp, 'wsk_']) {
      const { status, body } = await clientOf(api.url, wrong).get('/v1/instances')
      assert.deepEqual([status, body['code']], [401, 'unauthenticated'])
    }
    assert.equal((await api.anybody.get('/v1/instances', { 'x-api-key': key })).status, 401)
  })

  test('a scope that is missing is named, and nothing is done', async () => {
    const calls = [
      ['messages:send', 'POST', '/v1/messages'],
      ['messages:read', 'GET', '/v1/messages/none'],
      ['instances:read', 'GET', '/v1/instances'],
      ['instances:manage', 'POST', '/v1/instances'],
    ] as const
    const before = await api.topics.countMessages()
    for (const [scope, method, path] of calls) {
      const { call } = await keyOf(ana, { scopes: ALL.filter((other) => other !== scope) })
      const { status, body, headers } = await call(method, path, method === 'POST' ? message() : undefined)
      assert.deepEqual([status, body['code'], body['scope']], [403, 'scope-missing', scope])
      assert.match(String(headers.get('www-authenticate')), /insufficient_scope/)
      const only = await keyOf(ana, { scopes: [scope] })
      assert.notEqual((await only.call(method, path)).status, 403)
    }
    assert.equal(await api.topics.countMessages(), before)
  })

  test('it is no session: it makes no keys, ends no sessions, and has no right of an administrator', async () => {
    const admin = await api.admin.post('/v1/api-keys', { name: 'root', scopes: ALL })
    const { key } = { key: String(admin.body['key']) }
    const { call, get } = clientOf(api.url, key)
    for (const [method, path] of [
      ['POST', '/v1/api-keys'],
      ['GET', '/v1/api-keys'],
      ['DELETE', `/v1/api-keys/${String(admin.body['id'])}`],
      ['POST', '/user/logout'],
      ['GET', '/v1/users'],
      ['GET', '/v1/undecodable'],
      ['PATCH', `/v1/users/${ana.id}`],
    ] as const) {
      const { status, body } = await call(method, path)
      assert.deepEqual([status, body['code']], [403, 'session-required'], path)
    }
    assert.equal((await get(`/v1/dead-letters?user=${ana.id}`)).status, 403)
    assert.equal((await api.anybody.post('/user/refresh', { refresh_token: key })).status, 401)
    const adopt = { name: 'x', adopt: true }
    assert.equal((await call('POST', '/v1/instances', adopt)).body['code'], 'session-required')
  })

  test('one that is limited to instances sees and uses no other of its user', async () => {
    const { call, get, post } = await keyOf(ana, { instances: ['sales', 'bobs'] })
    assert.equal((await post('/v1/messages', message('sales'))).status, 202)
    const foreign = await post('/v1/messages', message('support'))
    assert.deepEqual([foreign.status, foreign.body], [404, (await post('/v1/messages', message('none'))).body])
    await bob.post('/v1/instances', { name: 'bobs' })
    assert.equal((await post('/v1/messages', message('bobs'))).status, 404)
    assert.equal((await get('/v1/instances/support')).status, 404)
    assert.equal((await post('/v1/instances/support/connect')).status, 404)
    const { body } = await get('/v1/instances')
    assert.deepEqual(
      [body['data']].flat().map((each: unknown) => Object(each).name),
      ['sales'],
    )
    for (const [method, path] of [
      ['GET', '/v1/dead-letters'],
      ['POST', '/v1/instances'],
      ['DELETE', '/v1/instances/sales'],
    ] as const) {
      const { status, body } = await call(method, path)
      assert.deepEqual([status, body['code']], [403, 'key-limited'], path)
    }
  })

  test('one that is limited to instances reads messages of these only', async () => {
    const { get } = await keyOf(ana, { instances: ['sales'] })
    for (const [instance, status] of [
      ['sales', 200],
      ['support', 404],
    ] as const) {
      const { body } = await ana.post('/v1/messages', message(instance))
      const record = (await api.topics.messages()).find(({ id }) => id === body['id'])
      assert.ok(record)
      await api.store.ledger.insert([{ record, appendedAt: Date.now(), offset: 0n, wake: false }], new Date())
      assert.equal((await get(`/v1/messages/${record.id}`)).status, status)
    }
  })

  test('it may no more than its user: not what his role does not allow, nothing once he is rejected', async () => {
    const eva = await api.user('eva@example.com')
    const { post, get } = await keyOf(eva)
    await api.admin.patch(`/v1/users/${eva.id}`, { role: 'viewer' })
    assert.equal((await post('/v1/messages', message())).body['code'], 'forbidden')
    assert.equal((await get('/v1/instances')).status, 200)
    assert.deepEqual(faultyFields(await eva.post('/v1/api-keys', { name: 'k', scopes: ALL })), ['scopes'])
    await api.admin.patch(`/v1/users/${eva.id}`, { status: 'rejected' })
    assert.equal((await get('/v1/instances')).status, 401)
  })

  test('revoked it is refused, here at once; nobody revokes or lists the key of another', async () => {
    const { id, get } = await keyOf(ana)
    assert.equal((await get('/v1/instances')).status, 200)
    const foreign = await bob.call('DELETE', `/v1/api-keys/${id}`)
    const missing = await bob.call('DELETE', `/v1/api-keys/${'0'.repeat(16)}`)
    assert.deepEqual([foreign.status, foreign.body], [404, missing.body])
    assert.doesNotMatch(JSON.stringify((await bob.get('/v1/api-keys')).body), new RegExp(id))
    assert.equal((await get('/v1/instances')).status, 200)
    assert.equal((await ana.call('DELETE', `/v1/api-keys/${id}`)).status, 204)
    assert.equal((await get('/v1/instances')).status, 401)
    assert.equal((await ana.call('DELETE', `/v1/api-keys/${id}`)).status, 404)
  })

  test('a key that is over is refused', async () => {
    const expiresAt = new Date(Date.now() + 1500).toISOString()
    const { get } = await keyOf(ana, { expiresAt })
    assert.equal((await get('/v1/instances')).status, 200)
    await until('it is refused', async () => (await get('/v1/instances')).status === 401)
    assert.ok(Date.now() >= Date.parse(expiresAt))
  })

  test('two keys that live side by side are changed over without one refusal', async () => {
    const [old, next] = [await keyOf(ana), await keyOf(ana)]
    const statuses: number[] = []
    let current = old
    for (let i = 0; i < 60; i++) {
      if (i === 20) current = next
      if (i === 40) assert.equal((await ana.call('DELETE', `/v1/api-keys/${old.id}`)).status, 204)
      statuses.push((await current.post('/v1/messages', message())).status)
    }
    assert.deepEqual(new Set(statuses), new Set([202]))
    assert.equal((await old.get('/v1/instances')).status, 401)
  })

  test('its last use is told a little later', async () => {
    const { id, get } = await keyOf(ana)
    assert.equal((await api.store.apiKeys.findById(id))?.lastUsedAt, undefined)
    const before = Date.now()
    await get('/v1/instances')
    await until('the use', async () => (await api.store.apiKeys.findById(id))?.lastUsedAt !== undefined)
    const at = (await api.store.apiKeys.findById(id))?.lastUsedAt?.getTime() ?? 0
    assert.ok(at >= before && at <= Date.now())
  })

  test('what is no request for a key is refused with the field', async () => {
    const past = new Date(Date.now() - 1000).toISOString()
    for (const [more, field] of [
      [{ scopes: [] }, 'scopes'],
      [{ scopes: ['users'] }, 'scopes.0'],
      [{ name: 'a\nb' }, 'name'],
      [{ instances: ['../x'] }, 'instances.0'],
      [{ instances: [] }, 'instances'],
      [{ expiresAt: past }, 'expiresAt'],
      [{ user: bob.id }, 'user'],
      [{ hash: 'x' }, 'hash'],
    ] as const) {
      const answer = await ana.post('/v1/api-keys', { name: 'k', scopes: ALL, ...more })
      assert.deepEqual([answer.status, faultyFields(answer)], [400, [field]])
    }
    assert.equal((await ana.call('DELETE', '/v1/api-keys/[object Object]')).status, 400)
  })

  test('a user has a hundred at most, and pages lose none of them', async () => {
    const many = await api.user('many@example.com')
    for (let i = 0; i < 100; i++) await keyOf(many, { name: `key ${i}` })
    const { status, body } = await many.post('/v1/api-keys', { name: 'k', scopes: ALL })
    assert.deepEqual([status, body['code']], [409, 'too-many-api-keys'])
    const names: string[] = []
    let cursor: unknown = ''
    do {
      const page = await many.get(
        `/v1/api-keys?limit=30${typeof cursor === 'string' && cursor ? `&cursor=${cursor}` : ''}`,
      )
      names.push(...[page.body['data']].flat().map((each: unknown) => String(Object(each).name)))
      cursor = page.body['next']
    } while (cursor !== null)
    assert.deepEqual(
      names,
      Array.from({ length: 100 }, (_, i) => `key ${99 - i}`),
    )
  })
})
