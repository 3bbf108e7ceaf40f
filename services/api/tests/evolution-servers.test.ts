import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createEvolutionSandbox } from '@whatsapp-sender/sandbox/evolution/sandbox'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'

const ROUTE = '/v1/admin/evolution-servers'
const SECOND_KEY = 'second-evolution-key'

let api: ApiUnderTest
let ana: TestUser
const second = createEvolutionSandbox({ host: '127.0.0.1', port: 0, apiKey: SECOND_KEY, autoOpen: true, latencyMs: 0 })

before(async () => {
  await second.start()
  api = await startApi()
  ana = await api.user('ana@example.com')
  const created = await api.admin.post(ROUTE, { name: 'second', url: second.url, apiKey: SECOND_KEY })
  assert.deepEqual([created.status, created.headers.get('location')], [201, `${ROUTE}/second`])
})
after(async () => {
  await api.stop()
  await second.stop()
})

describe('Evolution servers', () => {
  test('are for administrators only', async () => {
    for (const [method, path] of [
      ['GET', ROUTE],
      ['POST', ROUTE],
      ['GET', `${ROUTE}/second`],
      ['PATCH', `${ROUTE}/second`],
      ['DELETE', `${ROUTE}/second`],
      ['POST', `${ROUTE}/second/check`],
    ] as const) {
      assert.equal((await api.anybody.call(method, path)).status, 401)
      assert.equal((await ana.call(method, path)).status, 403)
    }
  })

  test('are listed, the one of the environment first, and no answer, log line or row tells a key', async () => {
    const { body } = await api.admin.get(ROUTE)
    assert.deepEqual(summaryOf(body), [
      ['default', api.evolution.url, true, 'environment'],
      ['second', second.url, false, 'api'],
    ])
    const one = await api.admin.get(`${ROUTE}/second`)
    const rows = await api.store.db.collection('evolution_servers').find().toArray()
    const audit = await api.admin.get('/v1/audit?target=second')
    const all = JSON.stringify([body, one.body, rows, audit.body]) + api.logs()
    assert.ok(!all.includes(SECOND_KEY) && !all.includes(api.evolution.apiKey))
    assert.match(JSON.stringify(audit.body), /evolution-server\.created/)
  })

  test('are asked whether they answer, of which version, how fast, and whether they take the key', async () => {
    const well = await api.admin.post(`${ROUTE}/second/check`)
    assert.deepEqual([well.status, well.body['version'], typeof well.body['latencyMs']], [200, '2.3.6', 'number'])
    assert.equal((await api.admin.post(`${ROUTE}/default/check`)).status, 200)
    await api.admin.post(ROUTE, { name: 'strict', url: second.url, apiKey: 'another-key' })
    const refused = await api.admin.post(`${ROUTE}/strict/check`)
    assert.deepEqual([refused.status, refused.body['evolutionCode']], [502, 'unauthorized'])
    await api.admin.post(ROUTE, { name: 'nobody', url: 'http://127.0.0.1:9', apiKey: 'k' })
    const away = await api.admin.post(`${ROUTE}/nobody/check`)
    assert.deepEqual([away.status, away.body['code']], [503, 'unavailable'])
    assert.equal((await api.admin.post(`${ROUTE}/missing/check`)).body['code'], 'evolution-server-not-found')
  })

  test('refuse addresses that are none, carry a password or lead to a metadata service', async () => {
    const faulty = [
      'ftp://evolution:8080',
      'evolution:8080',
      'http://user:pass@evolution:8080',
      'http://evolution:8080/?key=1',
      'http://169.254.169.254',
      'http://2852039166',
      'http://[::ffff:a9fe:a9fe]',
      'http://[fe80::1]',
    ]
    for (const url of faulty) {
      const refused = await api.admin.post(ROUTE, { name: 'faulty', url, apiKey: 'k' })
      assert.deepEqual([url, refused.status, faultyFields(refused)], [url, 400, ['url']])
    }
    const odd = { name: '../x', url: 'http://evolution', apiKey: 'a\r\nb', isDefault: 'yes', more: 1 }
    const refused = await api.admin.post(ROUTE, odd)
    assert.deepEqual(faultyFields(refused), ['apiKey', 'isDefault', 'more', 'name'])
  })

  test('the one of the environment cannot be made anew, moved or removed', async () => {
    const server = { name: 'default', url: second.url, apiKey: 'k' }
    assert.equal((await api.admin.post(ROUTE, server)).body['code'], 'evolution-server-name-taken')
    const moved = await api.admin.patch(`${ROUTE}/default`, { url: second.url })
    assert.equal(moved.body['code'], 'evolution-server-fixed')
    assert.equal((await api.admin.call('DELETE', `${ROUTE}/default`)).body['code'], 'evolution-server-fixed')
  })

  test('take instances that ask for them, which are shown, connected, restarted and deleted there', async () => {
    const created = await ana.post('/v1/instances', { name: 'there', evolutionServer: 'second' })
    assert.deepEqual([created.status, created.body['evolutionServer']], [201, 'second'])
    assert.equal((await ana.post('/v1/instances', { name: 'here' })).body['evolutionServer'], 'default')
    assert.deepEqual([await instancesAt('second'), await instancesAt('default')], [['there'], ['here']])
    const webhook = await fetch(`${second.url}/webhook/find/there`, { headers: { apikey: SECOND_KEY } })
    assert.match(await webhook.text(), /\/v1\/evolution\/events/)
    const shown = await ana.get('/v1/instances/there')
    assert.deepEqual([shown.body['state'], shown.body['stateStale']], ['open', undefined])
    assert.deepEqual((await ana.post('/v1/instances/there/connect')).body, { state: 'open' })
    assert.equal((await ana.post('/v1/numbers/check', { instance: 'there', numbers: ['+5511999991000'] })).status, 200)
    assert.equal((await ana.post('/v1/instances/there/restart')).status, 200)
    const used = await api.admin.call('DELETE', `${ROUTE}/second`)
    assert.deepEqual([used.body['code'], used.body['instances']], ['evolution-server-in-use', 1])
    assert.deepEqual((await ana.post('/v1/instances/there/logout')).body, { state: 'close' })
    assert.equal((await ana.call('DELETE', '/v1/instances/there')).status, 204)
    assert.deepEqual(await instancesAt('second'), [])
  })

  test('that nobody added are refused by the name of the field', async () => {
    const refused = await ana.post('/v1/instances', { name: 'lost', evolutionServer: 'third' })
    assert.deepEqual([refused.status, faultyFields(refused)], [400, ['evolutionServer']])
  })

  test('an instance that exists on another server is adopted from there', async () => {
    await createAtSecond('found')
    assert.equal((await api.admin.post('/v1/instances', { name: 'found', adopt: true })).status, 404)
    const adopted = await api.admin.post('/v1/instances', { name: 'found', adopt: true, evolutionServer: 'second' })
    assert.deepEqual([adopted.status, adopted.body['evolutionServer']], [201, 'second'])
    assert.equal((await api.admin.call('DELETE', '/v1/instances/found')).status, 204)
  })

  test('one of them takes the instances that name none, and stays as long as it does', async () => {
    const chosen = await api.admin.patch(`${ROUTE}/second`, { isDefault: true })
    assert.equal(chosen.body['isDefault'], true)
    assert.equal((await ana.post('/v1/instances', { name: 'next' })).body['evolutionServer'], 'second')
    assert.equal((await api.admin.call('DELETE', `${ROUTE}/second`)).body['code'], 'evolution-server-in-use')
    assert.equal((await api.admin.patch(`${ROUTE}/second`, { isDefault: false })).status, 400)
    assert.equal((await api.admin.patch(`${ROUTE}/default`, { isDefault: true })).status, 200)
    assert.equal((await ana.post('/v1/instances', { name: 'back' })).body['evolutionServer'], 'default')
    assert.equal((await ana.get('/v1/instances/next')).body['evolutionServer'], 'second', 'it stays where it is')
    assert.equal((await ana.call('DELETE', '/v1/instances/next')).status, 204)
  })

  test('are changed and removed, and then known no more', async () => {
    await api.admin.post(ROUTE, { name: 'moving', url: 'http://127.0.0.1:9', apiKey: SECOND_KEY })
    const moved = await api.admin.patch(`${ROUTE}/moving`, { url: `${second.url}/` })
    assert.deepEqual([moved.status, moved.body['url']], [200, second.url])
    assert.equal((await api.admin.post(`${ROUTE}/moving/check`)).status, 200)
    assert.equal((await api.admin.call('DELETE', `${ROUTE}/moving`)).status, 204)
    assert.equal((await api.admin.get(`${ROUTE}/moving`)).status, 404)
    assert.equal((await api.admin.call('DELETE', `${ROUTE}/moving`)).status, 404)
    assert.equal((await api.admin.patch(`${ROUTE}/moving`, { apiKey: 'x' })).status, 404)
    assert.equal((await ana.post('/v1/instances', { name: 'late', evolutionServer: 'moving' })).status, 400)
  })
})

async function instancesAt(server: 'default' | 'second'): Promise<string[]> {
  const [url, apikey] = server === 'second' ? [second.url, SECOND_KEY] : [api.evolution.url, api.evolution.apiKey]
  const response = await fetch(`${url}/instance/fetchInstances`, { headers: { apikey } })
  const list: { name: string }[] = JSON.parse(await response.text())
  return list.map(({ name }) => name)
}

async function createAtSecond(name: string): Promise<void> {
  const response = await fetch(`${second.url}/instance/create`, {
    method: 'POST',
    headers: { apikey: SECOND_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ instanceName: name, token: `token-of-${name}`, integration: 'WHATSAPP-BAILEYS' }),
  })
  assert.equal(response.status, 201)
}

function summaryOf(body: Record<string, unknown>): unknown[] {
  return [body['data']].flat().map((each: unknown) => {
    const { name, url, isDefault, source } = Object(each)
    return [name, url, isDefault, source]
  })
}
