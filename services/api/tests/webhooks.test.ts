import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'

/** In the internet, so that no name server is asked. */
const URL_1 = 'https://93.184.215.14/hooks'
const NOBODYS = '0199a0b0-0000-4000-8000-000000000001'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser
let inner: Server
let innerHits = 0

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
  inner = createServer((_req, res) => {
    innerHits += 1
    res.end()
  })
  await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve))
})

after(async () => {
  inner.close()
  await api.stop()
})

test('a webhook is made with a secret that is told once, and its address and filters can be read', async () => {
  const wanted = { url: URL_1, description: 'orders', events: ['message.read', 'message.read'], instances: ['sales'] }
  const made = await ana.post('/v1/webhooks', wanted)
  assert.equal(made.status, 201)
  const { secret, ...webhook } = made.body
  assert.match(String(secret), /^whsec_[A-Za-z0-9+/]{43}=$/)
  assert.equal(made.headers.get('location'), `/v1/webhooks/${String(webhook['id'])}`)
  const id = String(webhook['id'])
  const { createdAt } = webhook
  assert.deepEqual(webhook, { id, ...wanted, events: ['message.read'], enabled: true, createdAt })
  assert.deepEqual((await ana.get(`/v1/webhooks/${id}`)).body, webhook)
  assert.deepEqual((await ana.get('/v1/webhooks')).body, { data: [webhook], next: null })
  const change = { events: null, instances: null, description: null }
  const changed = await ana.patch(`/v1/webhooks/${id}`, change)
  assert.deepEqual(changed.body, { id, url: URL_1, events: null, instances: null, enabled: true, createdAt })
  const rotated = await ana.post(`/v1/webhooks/${id}/rotate-secret`)
  const left = Date.parse(String(rotated.body['formerUntil'])) - Date.now()
  assert.ok(rotated.body['secret'] !== secret && left > 86_390_000 && left <= 86_400_000)
  for (const each of [secret, rotated.body['secret']]) assert.ok(!api.logs().includes(String(each).slice(6)))
  assert.equal((await ana.call('DELETE', `/v1/webhooks/${id}`)).status, 204)
  assert.equal((await ana.get(`/v1/webhooks/${id}`)).status, 404)
})

test('an address that leads inside is refused, also as a change, and nothing there is called', async () => {
  const address = inner.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { body } = await ana.post('/v1/webhooks', { url: URL_1 })
  const hosts = [
    '127.0.0.1',
    'localhost',
    '169.254.169.254',
    '[::1]',
    '[::ffff:7f00:1]',
    '2130706433',
    '0x7f.1',
    '10.0.0.1',
  ]
  const urls = hosts.flatMap((host) => [`https://${host}/`, `http://${host}:${port}/`, `https://${host}:${port}/`])
  for (const url of [
    ...urls,
    'http://93.184.215.14/',
    'https://user:password@93.184.215.14/',
    'ftp://93.184.215.14/',
    '',
  ]) {
    for (const refused of [
      await ana.post('/v1/webhooks', { url }),
      await ana.patch(`/v1/webhooks/${String(body['id'])}`, { url }),
    ])
      assert.deepEqual(
        [refused.status, refused.body['code'], faultyFields(refused)],
        [400, 'invalid-request', ['url']],
        url,
      )
  }
  assert.equal(innerHits, 0)
  assert.equal((await ana.get(`/v1/webhooks/${String(body['id'])}`)).body['url'], URL_1)
  await ana.call('DELETE', `/v1/webhooks/${String(body['id'])}`)
})

test('what is not in the schema is refused by name', async () => {
  for (const [wrong, fields] of [
    [{}, ['url']],
    [{ url: URL_1, user: 'bob' }, ['user']],
    [{ url: URL_1, enabled: false }, ['enabled']],
    [{ url: { $ne: null } }, ['url']],
    [{ url: URL_1, events: [] }, ['events']],
    [{ url: URL_1, events: ['message.*'] }, ['events.0']],
    [{ url: URL_1, instances: ['../x'] }, ['instances.0']],
  ] as const) {
    const refused = await ana.post('/v1/webhooks', wrong)
    assert.deepEqual([refused.status, faultyFields(refused)], [400, fields])
  }
  const { body } = await ana.post('/v1/webhooks', { url: URL_1 })
  assert.equal((await ana.patch(`/v1/webhooks/${String(body['id'])}`, {})).status, 400)
  assert.equal((await ana.get('/v1/webhooks/no-uuid')).status, 400)
  assert.equal((await ana.get('/v1/webhooks?user=bob')).status, 400)
  await ana.call('DELETE', `/v1/webhooks/${String(body['id'])}`)
})

test('the webhook of another looks like none, whatever is asked of it, and nothing comes of it', async () => {
  const { body } = await ana.post('/v1/webhooks', { url: URL_1 })
  const id = String(body['id'])
  const before = (await ana.get(`/v1/webhooks/${id}`)).body
  const calls: [string, string, unknown?][] = [
    ['GET', ''],
    ['PATCH', '', { enabled: false }],
    ['DELETE', ''],
    ['POST', '/rotate-secret'],
    ['POST', '/ping'],
    ['GET', '/deliveries'],
    ['POST', '/deliveries/x:1/replay'],
  ]
  for (const [method, path, sent] of calls) {
    const foreign = await bob.call(method, `/v1/webhooks/${id}${path}`, sent)
    const missing = await bob.call(method, `/v1/webhooks/${NOBODYS}${path}`, sent)
    assert.deepEqual([foreign.status, foreign.body['code']], [404, 'webhook-not-found'], `${method} ${path}`)
    assert.deepEqual(foreign.body, missing.body)
    assert.equal((await api.anybody.call(method, `/v1/webhooks/${id}${path}`, sent)).status, 401)
  }
  assert.deepEqual((await bob.get('/v1/webhooks')).body, { data: [], next: null })
  assert.deepEqual((await ana.get(`/v1/webhooks/${id}`)).body, before)
  assert.deepEqual((await ana.get(`/v1/webhooks/${id}/deliveries`)).body, { data: [], next: null })
  await ana.call('DELETE', `/v1/webhooks/${id}`)
})

test('who may only look makes no webhooks', async () => {
  const viewer = await api.user('viewer@example.com')
  await api.admin.patch(`/v1/users/${viewer.id}`, { role: 'viewer' })
  assert.equal((await viewer.post('/v1/webhooks', { url: URL_1 })).status, 403)
  assert.equal((await viewer.get('/v1/webhooks')).status, 403)
})

test('with the first webhook the events of the user are told, from the next message on', async () => {
  const carla = await api.user('carla@example.com')
  await carla.post('/v1/instances', { name: 'carlas' })
  const feedOfNext = async () => {
    const { body } = await carla.post('/v1/messages', { instance: 'carlas', to: '+5511999991000', text: 'olá' })
    return (await api.topics.messages()).find(({ id }) => id === body['id'])?.feed ?? false
  }
  assert.equal(await feedOfNext(), false)
  await carla.post('/v1/webhooks', { url: URL_1 })
  assert.equal(await feedOfNext(), true)
})

test('a ping and a replay wait to be posted under their id, and are refused while the webhook is off', async () => {
  const { body } = await ana.post('/v1/webhooks', { url: URL_1 })
  const path = `/v1/webhooks/${String(body['id'])}`
  const ping = await ana.post(`${path}/ping`)
  assert.equal(ping.status, 202)
  const id = String(ping.body['id'])
  const [made] = await deliveries(path)
  assert.deepEqual(
    [made?.['id'], made?.['type'], made?.['state'], made?.['attempts']],
    [id, 'webhook.ping', 'waiting', []],
  )
  const event = JSON.parse(String(made?.['body']))
  assert.deepEqual([event.id, event.type, event.user], [id, 'webhook.ping', ana.id])
  assert.ok(await api.store.webhookEndpoints.claim('a', new Date(), new Date()), 'it is due')
  const attempt = { at: new Date(), durationMs: 12, status: 500, answer: 'no' }
  const place = { endpoint: String(body['id']), id, tries: 0 }
  await api.store.webhookDeliveries.recordAttempt(place, attempt, { state: 'failed' })
  assert.deepEqual(await deliveries(path, '?state=waiting'), [])
  const replayed = await ana.post(`${path}/deliveries/${id}/replay`)
  assert.deepEqual([replayed.status, replayed.body['state']], [202, 'waiting'])
  assert.deepEqual(replayed.body['attempts'], [{ ...attempt, at: attempt.at.toISOString() }])
  assert.equal((await ana.post(`${path}/deliveries/other:1/replay`)).body['code'], 'delivery-not-found')
  const off = await ana.patch(path, { enabled: false })
  assert.deepEqual([off.body['enabled'], Object(off.body['disabledReason']).code], [false, 'user'])
  for (const call of [`${path}/ping`, `${path}/deliveries/${id}/replay`]) {
    const refused = await ana.post(call)
    assert.deepEqual([refused.status, refused.body['code']], [409, 'webhook-disabled'])
  }
  assert.equal('disabledReason' in (await ana.patch(path, { enabled: true })).body, false)
  assert.equal((await ana.post(`${path}/ping`)).status, 202)
  await ana.call('DELETE', path)
})

test('deliveries are listed in pages, the newest first', async () => {
  const { body } = await ana.post('/v1/webhooks', { url: URL_1 })
  const path = `/v1/webhooks/${String(body['id'])}`
  const ids: unknown[] = []
  for (let n = 0; n < 3; n++) ids.unshift((await ana.post(`${path}/ping`)).body['id'])
  const first = await ana.get(`${path}/deliveries?limit=2`)
  const second = await ana.get(`${path}/deliveries?limit=2&cursor=${String(first.body['next'])}`)
  const seen = [first, second].flatMap((page) => [Object(page.body).data].flat().map((each) => each.id))
  assert.deepEqual([seen.length, new Set(seen), second.body['next']], [3, new Set(ids), null])
  assert.equal((await ana.get(`${path}/deliveries?cursor=x`)).status, 400)
  await ana.call('DELETE', path)
})

test('a user has twenty webhooks and no more', async () => {
  const dora = await api.user('dora@example.com')
  for (let n = 0; n < 20; n++) assert.equal((await dora.post('/v1/webhooks', { url: URL_1 })).status, 201)
  const refused = await dora.post('/v1/webhooks', { url: URL_1 })
  assert.deepEqual([refused.status, refused.body['code']], [409, 'webhook-limit'])
})

async function deliveries(path: string, query = ''): Promise<Record<string, unknown>[]> {
  const { body } = await ana.get(`${path}/deliveries${query}`)
  return [Object(body).data].flat()
}
