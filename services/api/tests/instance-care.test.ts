import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
})
after(() => api.stop())

describe('an instance that is deleted', () => {
  test('is gone here and at Evolution, and its name is free for anybody at once', async () => {
    await ana.post('/v1/instances', { name: 'short' })
    const old = await api.store.instances.findByName('short')
    const removed = await ana.call('DELETE', '/v1/instances/short')
    assert.deepEqual([removed.status, removed.body], [204, {}])
    assert.equal((await ana.get('/v1/instances/short')).body['code'], 'instance-not-found')
    assert.equal((await atEvolution('/instance/connectionState/short')).status, 404)
    assert.equal((await bob.post('/v1/instances', { name: 'short' })).status, 201)
    assert.notEqual((await api.store.instances.findByName('short'))?.id, old?.id)
    assert.equal((await ana.call('DELETE', '/v1/instances/short')).status, 404)
    assert.equal((await bob.get('/v1/instances/short')).status, 200)
  })

  test('twice at the same time is deleted once, and both are told so', async () => {
    await ana.post('/v1/instances', { name: 'twice' })
    const both = await Promise.all([1, 2].map(() => ana.call('DELETE', '/v1/instances/twice')))
    assert.deepEqual(
      both.map(({ status }) => status),
      [204, 204],
    )
    assert.equal((await ana.post('/v1/instances', { name: 'twice' })).status, 201)
  })

  test('and had gone from Evolution before is deleted here', async () => {
    await ana.post('/v1/instances', { name: 'half' })
    await atEvolution('/instance/delete/half', 'DELETE')
    assert.equal((await ana.call('DELETE', '/v1/instances/half')).status, 204)
    assert.equal(await api.store.instances.findByName('half'), undefined)
  })

  test('stays at Evolution if that is wanted, reports to us no more, and comes back to its owner alone', async () => {
    await ana.post('/v1/instances', { name: 'kept' })
    assert.equal((await ana.call('DELETE', '/v1/instances/kept?keepInEvolution=true')).status, 204)
    assert.deepEqual((await atEvolution('/instance/connectionState/kept')).body, {
      instance: { instanceName: 'kept', state: 'open' },
    })
    assert.equal((await atEvolution('/webhook/find/kept')).body['enabled'], false)
    assert.equal((await bob.post('/v1/instances', { name: 'kept' })).body['code'], 'instance-name-taken')
    assert.equal((await ana.post('/v1/instances', { name: 'kept' })).status, 201)
    assert.equal((await atEvolution('/webhook/find/kept')).body['enabled'], true)
  })

  test('keeps the webhook that is not ours', async () => {
    await ana.post('/v1/instances', { name: 'lent' })
    const webhook = { enabled: true, url: 'https://others.example.com/hook', events: ['SEND_MESSAGE'] }
    await atEvolution('/webhook/set/lent', 'POST', { webhook })
    await ana.call('DELETE', '/v1/instances/lent?keepInEvolution=true')
    assert.equal((await atEvolution('/webhook/find/lent')).body['url'], webhook.url)
  })

  test('is not deleted by a query that is not understood', async () => {
    await ana.post('/v1/instances', { name: 'asked' })
    for (const query of ['keepInEvolution=yes', 'keep=true', 'keepInEvolution=true&keepInEvolution=true']) {
      assert.equal((await ana.call('DELETE', `/v1/instances/asked?${query}`)).status, 400)
    }
    assert.deepEqual(faultyFields(await ana.call('DELETE', '/v1/instances/asked?keep=1')), ['keep'])
    assert.equal((await ana.get('/v1/instances/asked')).status, 200)
  })
})

describe('the phone of an instance', () => {
  test('is taken away by logout, which may be repeated, and connected again', async () => {
    await ana.post('/v1/instances', { name: 'phone' })
    for (let i = 0; i < 2; i++) {
      const { status, body } = await ana.post('/v1/instances/phone/logout')
      assert.deepEqual([status, body], [200, { state: 'close' }])
      assert.equal((await ana.get('/v1/instances/phone')).body['state'], 'close')
    }
    const restarted = await ana.post('/v1/instances/phone/restart')
    assert.deepEqual([restarted.status, restarted.body['code']], [409, 'instance-not-connected'])
    await ana.post('/v1/instances/phone/connect')
    assert.equal((await ana.get('/v1/instances/phone')).body['state'], 'open')
  })

  test('stays connected over a restart', async () => {
    await ana.post('/v1/instances', { name: 'again' })
    const { status, body } = await ana.post('/v1/instances/again/restart')
    assert.deepEqual([status, body], [200, { state: 'open' }])
    await until('it is back', async () => (await ana.get('/v1/instances/again')).body['state'] === 'open')
  })

  test('is nobody else’s to restart, to log out or to delete, an administrator’s neither', async () => {
    await ana.post('/v1/instances', { name: 'own' })
    for (const user of [bob, api.admin]) {
      for (const [method, path] of [
        ['POST', '/v1/instances/own/restart'],
        ['POST', '/v1/instances/own/logout'],
        ['DELETE', '/v1/instances/own'],
        ['DELETE', '/v1/instances/own?keepInEvolution=true'],
      ] as const) {
        const foreign = await user.call(method, path)
        const missing = await user.call(method, path.replace('own', 'nowhere'))
        assert.deepEqual([foreign.status, foreign.body], [404, missing.body], `${method} ${path}`)
      }
    }
    assert.equal((await ana.get('/v1/instances/own')).body['state'], 'open')
  })
})

describe('the owner of an instance', () => {
  const give = (by: TestUser | ApiUnderTest['admin'], name: string, ownerEmail: unknown) =>
    by.post(`/v1/instances/${name}/owner`, { ownerEmail })

  test('is changed by an administrator, at once and in the audit log, and the one before has it no more', async () => {
    await ana.post('/v1/instances', { name: 'passed' })
    const given = await give(api.admin, 'passed', 'BOB@example.com')
    assert.deepEqual([given.status, given.body], [200, { name: 'passed', owner: bob.id }])
    assert.equal((await bob.get('/v1/instances/passed')).body['owner'], bob.id)
    const message = { instance: 'passed', to: '+5511999991000', text: 'olá' }
    assert.equal((await bob.post('/v1/messages', message)).status, 202)
    for (const answer of [await ana.get('/v1/instances/passed'), await ana.post('/v1/messages', message)]) {
      assert.deepEqual([answer.status, answer.body['code']], [404, 'instance-not-found'])
    }
    assert.equal((await give(api.admin, 'passed', 'bob@example.com')).status, 200, 'repeating it changes nothing')
    const { body } = await api.admin.get('/v1/audit?target=passed')
    assert.deepEqual(
      Object(body['data']).map((entry: unknown) => [Object(entry).action, Object(entry).details]),
      [['instance.owner-changed', { owner: bob.id, before: ana.id }]],
    )
  })

  test('is changed by nobody else, and to an approved account only', async () => {
    await ana.post('/v1/instances', { name: 'held' })
    assert.equal((await give(ana, 'held', 'bob@example.com')).status, 403)
    assert.deepEqual(faultyFields(await give(api.admin, 'held', 'nobody@example.com')), ['ownerEmail'])
    assert.deepEqual(faultyFields(await give(api.admin, 'held', { $ne: '' })), ['ownerEmail'])
    assert.equal((await give(api.admin, 'nowhere', 'bob@example.com')).body['code'], 'instance-not-found')
    assert.equal((await ana.get('/v1/instances/held')).body['owner'], ana.id)
  })
})

describe('with Evolution away', () => {
  test('an instance stays until Evolution can let it go, unless it is to be kept there', async () => {
    const lonely = await startApi({ env: { EVOLUTION_API_URL: 'http://127.0.0.1:9' } })
    try {
      const eva = await lonely.user('eva@example.com')
      const owned = {
        name: 'stuck',
        owner: eva.id,
        evolutionToken: 't',
        webhookSecretHash: 'h',
        state: 'open',
      } as const
      await lonely.store.instances.create(owned)
      for (const [method, path] of [
        ['DELETE', '/v1/instances/stuck'],
        ['POST', '/v1/instances/stuck/restart'],
        ['POST', '/v1/instances/stuck/logout'],
      ] as const) {
        const refused = await eva.call(method, path)
        assert.deepEqual([refused.status, refused.body['code']], [503, 'unavailable'], path)
      }
      assert.equal((await eva.get('/v1/instances/stuck')).status, 200)
      assert.equal((await eva.call('DELETE', '/v1/instances/stuck?keepInEvolution=true')).status, 204)
      assert.equal((await eva.get('/v1/instances/stuck')).status, 404)
    } finally {
      await lonely.stop()
    }
  })
})

async function atEvolution(path: string, method = 'GET', body?: object) {
  const response = await fetch(`${api.evolution.url}${path}`, {
    method,
    headers: { apikey: api.evolution.apiKey, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer: Record<string, unknown> = JSON.parse(await response.text())
  return { status: response.status, body: answer }
}
