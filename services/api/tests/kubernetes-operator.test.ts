import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { evolutionKeyDigest } from '@whatsapp-sender/contract'
import { type ApiUnderTest, JWT_SECRET, startApi, type TestUser } from './api-under-test.ts'
import { clientOf, faultyFields } from './client.ts'

const OPERATOR_TOKEN = 'operator-token-of-32-bytes-or-more'

let api: ApiUnderTest
let ana: TestUser
let operator: ReturnType<typeof clientOf>

before(async () => {
  api = await startApi({ env: { OPERATOR_TOKEN, RATE_LIMIT_KEY_PER_MINUTE: '20', RATE_LIMIT_USER_PER_MINUTE: '1000' } })
  ana = await api.user('ana@example.com')
  operator = clientOf(api.url, OPERATOR_TOKEN)
})
after(() => api.stop())

describe('the Kubernetes operator', () => {
  test('is known by its token, whole and as it is, and by nothing else', async () => {
    assert.equal((await operator.get('/v1/instances')).status, 200)
    const lowerCase = { authorization: `bearer ${OPERATOR_TOKEN}` }
    assert.equal((await api.anybody.get('/v1/instances', lowerCase)).status, 200)
    for (const token of [OPERATOR_TOKEN.slice(0, -1), `${OPERATOR_TOKEN}x`, OPERATOR_TOKEN.toUpperCase(), JWT_SECRET]) {
      assert.equal((await clientOf(api.url, token).get('/v1/instances')).status, 401, token)
    }
    assert.equal((await api.anybody.get(`/v1/instances?token=${OPERATOR_TOKEN}`)).status, 401)
    const other = await startApi()
    try {
      assert.equal((await clientOf(other.url, OPERATOR_TOKEN).get('/v1/instances')).status, 401)
    } finally {
      await other.stop()
    }
  })

  test('may what it needs for instances, and nothing of accounts, messages or records', async () => {
    const refused = [
      ['GET', '/v1/me'],
      ['GET', '/v1/users'],
      ['PATCH', `/v1/users/${ana.id}`],
      ['GET', '/v1/audit'],
      ['POST', '/v1/messages'],
      ['GET', '/v1/messages'],
      ['POST', '/v1/api-keys'],
      ['GET', '/v1/admin/overview'],
      ['GET', '/v1/undecodable'],
      ['PUT', '/v1/instances/none/shares/ana@example.com'],
    ] as const
    for (const [method, path] of refused) {
      assert.equal((await operator.call(method, path)).status, 403, `${method} ${path}`)
    }
    assert.equal((await operator.get('/v1/admin/evolution-servers')).status, 200)
  })

  test('is not counted by rate limits', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => operator.get('/v1/instances')))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  })

  test('makes an instance for the account that it names, which uses it and cannot change it', async () => {
    const made = await operator.post('/v1/instances', { name: 'kept', ownerEmail: 'ANA@example.com' })
    assert.deepEqual([made.status, made.body['owner'], made.body['managedBy']], [201, ana.id, 'kubernetes'])
    assert.equal((await ana.get('/v1/instances/kept')).body['managedBy'], 'kubernetes')
    const seen = (await operator.get('/v1/instances/kept')).body
    assert.deepEqual([seen['ownerEmail'], seen['access']], ['ana@example.com', undefined])
    const { evolutionKeyDigest: digest, ...own } = Object(seen['ownSettings'])
    assert.deepEqual(own, { pace: null, retry: null })
    const key = (await api.store.instances.findByName('kept'))?.evolutionToken ?? ''
    assert.equal(digest, evolutionKeyDigest('kept', key))
    assert.notEqual(digest, evolutionKeyDigest('kept', `${key}x`))
    const hers = (await ana.get('/v1/instances/kept')).body
    assert.deepEqual([hers['ownerEmail'], hers['ownSettings']], [undefined, undefined])
    assert.equal((await ana.post('/v1/messages', { instance: 'kept', to: '+5511999991000', text: 'a' })).status, 202)
    for (const [who, method, path, body] of [
      [ana, 'PATCH', '/v1/instances/kept', { paused: true }],
      [ana, 'DELETE', '/v1/instances/kept', undefined],
      [api.admin, 'POST', '/v1/instances/kept/owner', { ownerEmail: 'ana@example.com' }],
    ] as const) {
      const refused = await who.call(method, path, body)
      assert.deepEqual([refused.status, refused.body['code']], [409, 'managed-by-kubernetes'], `${method} ${path}`)
    }
    assert.equal((await ana.get('/v1/instances/kept')).body['paused'], false)
    assert.equal((await ana.post('/v1/instances/kept/logout')).status, 200)
    assert.equal((await ana.post('/v1/instances/kept/connect')).status, 200)
    assert.equal(
      (await ana.call('PUT', '/v1/instances/kept/shares/admin@example.com', { access: 'manage' })).status,
      200,
    )
    const shared = await api.admin.patch('/v1/instances/kept', { paused: true })
    assert.deepEqual([shared.status, shared.body['code']], [409, 'managed-by-kubernetes'])
  })

  test('changes settings, pause, owner and key of what it keeps, and deletes it', async () => {
    const bob = await api.user('bob@example.com')
    await operator.post('/v1/instances', { name: 'moved', ownerEmail: 'ana@example.com' })
    const changed = await operator.patch('/v1/instances/moved', { paused: true, pace: { perMinute: 9, burst: 1 } })
    assert.deepEqual([changed.status, changed.body['paused']], [200, true])
    assert.equal((await operator.post('/v1/instances/moved/owner', { ownerEmail: 'bob@example.com' })).status, 200)
    assert.equal((await ana.get('/v1/instances/moved')).status, 404)
    assert.equal((await bob.get('/v1/instances/moved')).status, 200)
    const revision = async () => (await api.store.instances.findByName('moved'))?.revision
    assert.equal((await operator.patch('/v1/instances/moved', { evolutionKey: 'other-key' })).status, 200)
    assert.equal((await api.store.instances.findByName('moved'))?.evolutionToken, 'other-key')
    const settled = await revision()
    assert.equal((await operator.patch('/v1/instances/moved', { evolutionKey: 'other-key' })).status, 200)
    assert.equal(await revision(), settled)
    const byOwner = await ana.patch('/v1/instances/moved', { evolutionKey: 'k' })
    assert.deepEqual([byOwner.status, byOwner.body['code']], [403, 'forbidden'])
    assert.equal((await operator.call('DELETE', '/v1/instances/moved?keepInEvolution=true')).status, 204)
    const entries = [(await api.admin.get('/v1/audit?by=kubernetes&target=moved')).body['data']].flat()
    assert.deepEqual(
      entries.map((entry: unknown) => Object(entry).action),
      ['instance.deleted', 'instance.changed', 'instance.owner-changed', 'instance.changed'],
    )
  })

  test('is told the number of the phone that is connected, and nobody else is', async () => {
    await operator.post('/v1/instances', { name: 'phoned', number: '+351910000000', ownerEmail: 'ana@example.com' })
    const { body } = await operator.get('/v1/instances/phoned')
    assert.deepEqual(
      [body['state'], body['number'], body['connectedNumber']],
      ['open', '+351910000000', '+351910000000'],
    )
    const changed = await operator.patch('/v1/instances/phoned', { number: null })
    assert.deepEqual([changed.status, changed.body['number']], [200, undefined])
    const still = (await operator.get('/v1/instances/phoned')).body
    assert.deepEqual([still['number'], still['connectedNumber']], [undefined, '+351910000000'])
    assert.equal((await ana.get('/v1/instances/phoned')).body['connectedNumber'], undefined)
    await ana.post('/v1/instances/phoned/logout')
    assert.equal((await operator.get('/v1/instances/phoned')).body['connectedNumber'], undefined)
    await operator.call('DELETE', '/v1/instances/phoned')
  })

  test('keeps one for itself that nobody owns, and names no owner who is not there', async () => {
    assert.equal((await operator.post('/v1/instances', { name: 'nobodys' })).body['owner'], 'kubernetes')
    const refused = await operator.post('/v1/instances', { name: 'x', ownerEmail: 'nobody@example.com' })
    assert.deepEqual([refused.status, faultyFields(refused)], [400, ['ownerEmail']])
    const shares = await api.admin.call('PUT', '/v1/instances/nobodys/shares/ana@example.com', { access: 'send' })
    assert.equal(shares.status, 200)
    assert.equal((await ana.post('/v1/messages', { instance: 'nobodys', to: '+5511999991000', text: 'a' })).status, 202)
  })

  test('lists what it keeps, by pages, and nothing else', async () => {
    await ana.post('/v1/instances', { name: 'anas' })
    const names: string[] = []
    for (let next: unknown = ''; typeof next === 'string'; ) {
      const { body } = await operator.get(`/v1/instances?limit=1${next === '' ? '' : `&cursor=${next}`}`)
      names.push(...[body['data']].flat().map((each: unknown) => String(Object(each).name)))
      next = body['next']
    }
    assert.deepEqual(names, ['kept', 'nobodys'])
  })

  test('changes nothing of others before it took it over, and gives it back', async () => {
    assert.equal((await operator.get('/v1/instances/anas')).status, 200)
    for (const [method, path, body] of [
      ['PATCH', '/v1/instances/anas', { paused: true }],
      ['DELETE', '/v1/instances/anas', undefined],
      ['POST', '/v1/instances/anas/owner', { ownerEmail: 'admin@example.com' }],
    ] as const) {
      assert.equal((await operator.call(method, path, body)).status, 403, `${method} ${path}`)
    }
    const hers = await ana.call('PUT', '/v1/instances/anas/manager', { managedBy: null })
    assert.deepEqual([hers.status, hers.body['code']], [403, 'forbidden'])
    assert.equal((await api.admin.call('PUT', '/v1/instances/anas/manager', { managedBy: 'kubernetes' })).status, 403)
    assert.equal((await operator.call('PUT', '/v1/instances/anas/manager', { managedBy: 'kubernetes' })).status, 200)
    assert.equal((await ana.patch('/v1/instances/anas', { paused: true })).status, 409)
    assert.equal((await operator.patch('/v1/instances/anas', { paused: true })).status, 200)
    assert.equal((await api.admin.call('PUT', '/v1/instances/anas/manager', { managedBy: null })).status, 200)
    assert.equal((await ana.patch('/v1/instances/anas', { paused: false })).status, 200)
    const entries = [(await api.admin.get('/v1/audit?target=anas')).body['data']].flat()
    const moves = entries
      .map((entry: unknown) => Object(entry))
      .filter((entry) => entry.action.endsWith('manager-changed'))
    assert.deepEqual(
      moves.map(({ by, details }) => [by === 'kubernetes', details]),
      [
        [false, { managedBy: 'nobody' }],
        [true, { managedBy: 'kubernetes' }],
      ],
    )
  })

  test('adopts one at Evolution with the key that it is given', async () => {
    const { url, apiKey } = api.evolution
    const body = JSON.stringify({ instanceName: 'found', integration: 'WHATSAPP-BAILEYS', token: 'its-own-key' })
    await fetch(`${url}/instance/create`, {
      method: 'POST',
      headers: { apikey: apiKey, 'content-type': 'application/json' },
      body,
    })
    const adopt = { name: 'found', adopt: true, evolutionKey: apiKey, ownerEmail: 'ana@example.com' }
    const adopted = await operator.post('/v1/instances', adopt)
    assert.deepEqual([adopted.status, adopted.body['managedBy']], [201, 'kubernetes'], JSON.stringify(adopted.body))
    assert.equal((await api.store.instances.findByName('found'))?.evolutionToken, apiKey)
    const withoutAdopt = await operator.post('/v1/instances', { name: 'y', evolutionKey: 'k' })
    assert.deepEqual([withoutAdopt.status, faultyFields(withoutAdopt)], [400, ['evolutionKey']])
  })
})
