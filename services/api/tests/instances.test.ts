import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { calendarDay } from '@whatsapp-sender/contract'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
})
after(() => api.stop())

describe('instances', () => {
  test('are made at Evolution, each with a token and a webhook secret of its own', async () => {
    const created = await ana.post('/v1/instances', { name: 'one', number: '+55 11 99999-1000' })
    assert.equal(created.status, 201)
    assert.equal(created.headers.get('location'), '/v1/instances/one')
    assert.equal(created.body['owner'], ana.id)
    assert.equal(created.body['number'], '+5511999991000')
    assert.deepEqual(created.body['pace'], { perMinute: 60, burst: 5 })
    assert.equal((await ana.post('/v1/instances', { name: 'two' })).status, 201)
    const [one, two] = [await api.store.instances.findByName('one'), await api.store.instances.findByName('two')]
    assert.notEqual(one?.evolutionToken, two?.evolutionToken)
    assert.notEqual(one?.webhookSecretHash, two?.webhookSecretHash)
    const webhook = await atEvolution('/webhook/find/one')
    assert.match(String(webhook['url']), /\/v1\/evolution\/events$/)
  })

  test('are shown with their live state, and with the last known while Evolution is away', async () => {
    await ana.post('/v1/instances', { name: 'live' })
    const shown = await ana.get('/v1/instances/live')
    assert.equal(shown.body['state'], 'open')
    assert.equal(shown.body['stateStale'], undefined)
    const connected = await ana.post('/v1/instances/live/connect')
    assert.deepEqual([connected.status, connected.body], [200, { state: 'open' }])
  })

  test('of a name that is taken, here or at Evolution, are refused', async () => {
    await ana.post('/v1/instances', { name: 'mine' })
    const bob = await api.user('bob@example.com')
    assert.equal((await bob.post('/v1/instances', { name: 'mine' })).body['code'], 'instance-name-taken')
    await createAtEvolution('elsewhere')
    assert.equal((await ana.post('/v1/instances', { name: 'elsewhere' })).status, 409)
    assert.equal(await api.store.instances.findByName('elsewhere'), undefined)
  })

  test('that exist at Evolution are adopted by an administrator only', async () => {
    await createAtEvolution('adopted')
    assert.equal((await ana.post('/v1/instances', { name: 'adopted', adopt: true })).status, 403)
    assert.equal((await api.admin.post('/v1/instances', { name: 'adopted', adopt: true })).status, 201)
    const instance = await api.store.instances.findByName('adopted')
    assert.equal(instance?.evolutionToken, 'token-of-adopted')
    assert.equal((await api.admin.post('/v1/instances', { name: 'nowhere', adopt: true })).status, 404)
  })

  test('that an administrator adopts can be given to an approved account, and to nobody else', async () => {
    await createAtEvolution('given')
    const rui = await api.user('rui@example.com')
    const give = (ownerEmail: string) => api.admin.post('/v1/instances', { name: 'given', adopt: true, ownerEmail })
    for (const nobody of ['nobody@example.com', 'no e-mail']) {
      const refused = await give(nobody)
      assert.deepEqual([refused.status, faultyFields(refused)], [400, ['ownerEmail']])
    }
    assert.equal((await give('RUI@example.com')).body['owner'], rui.id)
    assert.equal((await rui.get('/v1/instances/given')).status, 200)
    assert.equal((await api.admin.get('/v1/instances/given')).status, 404)
    const forOthers = await ana.post('/v1/instances', { name: 'new', ownerEmail: 'ana@example.com' })
    assert.deepEqual([forOthers.status, faultyFields(forOthers)], [400, ['ownerEmail']])
  })

  test('whose events go elsewhere are adopted only when that is to end', async () => {
    const webhook = { enabled: true, url: 'https://others.example.com/hook', events: ['SEND_MESSAGE'] }
    await createAtEvolution('busy', webhook)
    const refused = await api.admin.post('/v1/instances', { name: 'busy', adopt: true })
    assert.deepEqual([refused.status, refused.body['code']], [409, 'foreign-webhook'])
    assert.equal(refused.body['host'], 'others.example.com')
    const forced = { name: 'busy', adopt: true, replaceWebhook: true }
    assert.equal((await api.admin.post('/v1/instances', forced)).status, 201)
    assert.match(String((await atEvolution('/webhook/find/busy'))['url']), /\/v1\/evolution\/events$/)
  })

  test('the old login route makes the instance once and connects it', async () => {
    const login = { phone_number: '5511999991000', instance_name: 'old-way' }
    for (let i = 0; i < 2; i++) {
      const { status, body } = await ana.post('/whatsappsender/login', login)
      assert.equal(status, 200)
      assert.equal(body['state'], 'open')
      assert.ok(body['message'])
    }
  })

  test('are listed in pages, the own ones only', async () => {
    const first = await ana.get('/v1/instances?limit=2')
    assert.deepEqual(namesOf(first.body), ['live', 'mine'])
    const second = await ana.get(`/v1/instances?limit=2&cursor=${String(first.body['next'])}`)
    assert.deepEqual(namesOf(second.body), ['old-way', 'one'])
  })
})

describe('the settings of an instance', () => {
  const pace = { perMinute: 6, burst: 2, perDay: 40, timeZone: 'America/Sao_Paulo' }
  const retry = { attemptsMax: 3, baseMs: 100, capMs: 1000 }

  test('are given when it is made, changed by its owner, and go back to the default', async () => {
    const made = await ana.post('/v1/instances', { name: 'set', pace, retry })
    assert.deepEqual([made.body['pace'], made.body['retry']], [pace, retry])
    const plain = { perMinute: 0, burst: 1 }
    const changed = await ana.patch('/v1/instances/set', { pace: plain, paused: true })
    assert.equal(changed.status, 200)
    assert.deepEqual([changed.body['pace'], changed.body['retry'], changed.body['paused']], [plain, retry, true])
    assert.deepEqual(changed.body['holding'], { reason: 'paused' })
    const back = await ana.patch('/v1/instances/set', { pace: null, retry: null, paused: false })
    assert.deepEqual(back.body['pace'], { perMinute: 60, burst: 5 })
    assert.deepEqual(back.body['retry'], { attemptsMax: 10, baseMs: 500, capMs: 300_000 })
    assert.equal(back.body['holding'], undefined)
    assert.deepEqual((await ana.get('/v1/instances/set')).body, back.body)
    const numbered = await ana.patch('/v1/instances/set', { number: '+55 11 99999-1000' })
    assert.equal(numbered.body['number'], '+5511999991000')
    assert.equal((await ana.patch('/v1/instances/set', { number: null })).body['number'], undefined)
  })

  test('are refused with every fault named, and nothing is changed', async () => {
    await ana.post('/v1/instances', { name: 'strict', retry })
    const faults = {
      pace: { ...pace, perMinute: -1, timeZone: 'Mars' },
      retry: { ...retry, capMs: 1 },
      paused: 1,
      x: 1,
    }
    const refused = await ana.patch('/v1/instances/strict', faults)
    assert.equal(refused.status, 400)
    assert.deepEqual(faultyFields(refused), ['pace.perMinute', 'pace.timeZone', 'paused', 'retry.capMs', 'x'])
    const offset = await ana.patch('/v1/instances/strict', { pace: { ...pace, timeZone: '+03:00' } })
    assert.deepEqual(faultyFields(offset), ['pace.timeZone'])
    assert.deepEqual(faultyFields(await ana.patch('/v1/instances/strict', {})), ['body'])
    assert.deepEqual((await ana.get('/v1/instances/strict')).body['retry'], retry)
  })

  test('are nobody else’s business, not even an administrator’s', async () => {
    await ana.post('/v1/instances', { name: 'anas-own' })
    const other = await api.user('otto@example.com')
    for (const user of [other, api.admin]) {
      const refused = await user.patch('/v1/instances/anas-own', { paused: true })
      assert.deepEqual([refused.status, refused.body['code']], [404, 'instance-not-found'])
    }
    assert.equal((await ana.get('/v1/instances/anas-own')).body['paused'], false)
  })

  test('show what holds it and how much of the day is used', async () => {
    await ana.post('/v1/instances', { name: 'capped', pace: { ...pace, perDay: 2, newContactsPerDay: 5 } })
    const { id } = (await api.store.instances.findByName('capped')) ?? { id: '' }
    const seen = async () => (await ana.get('/v1/instances/capped')).body
    const day = calendarDay(Date.now(), pace.timeZone)
    const budget = { newContactsUsed: 0, newContactsCap: 5 }
    assert.deepEqual((await seen())['today'], { day, used: 0, cap: 2, ...budget })
    await api.store.paceAccounts.reserve(id, 'all', { day, want: 2, cap: 2, warmsUp: false })
    assert.deepEqual((await seen())['today'], { day, used: 2, cap: 2, ...budget })
    assert.equal(Object((await seen())['holding']).reason, 'daily-cap')
    await api.store.processes.beat('a consumer', { due: 0, evolutionDown: ['default'] })
    assert.deepEqual((await seen())['holding'], { reason: 'breaker' })
    await api.store.processes.remove('a consumer')
    await api.store.instances.setConfigurationError(id, 'unauthorized')
    await until('the directory has followed', async () => (await seen())['configurationError'] === 'unauthorized')
    assert.deepEqual((await seen())['holding'], { reason: 'instance' })
    const listed = (await ana.get('/v1/instances?limit=100')).body['data']
    assert.ok(Array.isArray(listed) && listed.some((each: unknown) => Object(each).holding?.reason === 'instance'))
  })
})

describe('with Evolution down', () => {
  test('instances are shown stale, none is made, and nothing of ours is told', async () => {
    const lonely = await startApi({ env: { EVOLUTION_API_URL: 'http://127.0.0.1:9' } })
    try {
      const eva = await lonely.user('eva@example.com')
      const refused = await eva.post('/v1/instances', { name: 'none' })
      assert.deepEqual([refused.status, refused.body['code']], [503, 'unavailable'])
      assert.ok(refused.headers.get('retry-after'))
      assert.doesNotMatch(JSON.stringify(refused.body), /127\.0\.0\.1/)
      assert.equal(await lonely.store.instances.findByName('none'), undefined)
      const owned = { name: 'kept', owner: eva.id, evolutionToken: 't', webhookSecretHash: 'h', state: 'open' } as const
      await lonely.store.instances.create(owned)
      const shown = await eva.get('/v1/instances/kept')
      assert.deepEqual([shown.body['state'], shown.body['stateStale']], ['open', true])
      assert.equal((await eva.post('/v1/instances/kept/connect')).status, 503)
    } finally {
      await lonely.stop()
    }
  })
})

function namesOf(body: Record<string, unknown>): string[] {
  const data: unknown = body['data']
  return Array.isArray(data) ? data.map((instance: unknown) => String(Object(instance).name)) : []
}

async function createAtEvolution(name: string, webhook?: object): Promise<void> {
  const instance = { instanceName: name, integration: 'WHATSAPP-BAILEYS', token: `token-of-${name}` }
  const created = await fetch(`${api.evolution.url}/instance/create`, {
    method: 'POST',
    headers: { apikey: api.evolution.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ ...instance, ...(webhook && { webhook }) }),
  })
  assert.equal(created.status, 201, await created.text())
}

async function atEvolution(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${api.evolution.url}${path}`, { headers: { apikey: api.evolution.apiKey } })
  const body: Record<string, unknown> = JSON.parse(await response.text())
  return body
}
