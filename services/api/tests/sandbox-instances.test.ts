import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
})
after(() => api.stop())

describe('a sandbox instance', () => {
  test('is made here alone, is connected, and can be looked at, restarted and deleted as any other', async () => {
    const made = await ana.post('/v1/instances', { name: 'tests', kind: 'sandbox', pace: { perMinute: 30, burst: 1 } })
    assert.deepEqual([made.status, made.body['kind'], made.body['channel']], [201, 'sandbox', 'sandbox'])
    assert.deepEqual(await atEvolution(), [])
    const shown = await ana.get('/v1/instances/tests')
    assert.deepEqual([shown.body['state'], shown.body['stateStale']], ['open', undefined])
    assert.deepEqual((await ana.post('/v1/instances/tests/connect')).body, { state: 'open' })
    assert.equal((await ana.post('/v1/instances/tests/restart')).status, 200)
    assert.equal((await ana.post('/v1/instances/tests/logout')).body['code'], 'instance-sandbox')
    assert.equal((await ana.post('/v1/instances', { name: 'tests' })).body['code'], 'instance-name-taken')
    assert.equal((await ana.call('DELETE', '/v1/instances/tests')).status, 204)
    assert.equal((await ana.get('/v1/instances/tests')).status, 404)
  })

  test('says which numbers exist without asking WhatsApp', async () => {
    await ana.post('/v1/instances', { name: 'numbers', kind: 'sandbox' })
    const numbers = ['+5511999991000', '+5511999990404']
    const { body } = await ana.post('/v1/numbers/check', { instance: 'numbers', numbers })
    assert.deepEqual(body['numbers'], [
      { number: '+5511999991000', exists: true, jid: '5511999991000@s.whatsapp.net' },
      { number: '+5511999990404', exists: false },
    ])
  })

  test('is neither adopted nor put on a server, and nobody else is put where they are', async () => {
    const adopted = await api.admin.post('/v1/instances', { name: 'x', kind: 'sandbox', adopt: true })
    assert.deepEqual([adopted.status, faultyFields(adopted)], [400, ['adopt']])
    const placed = await ana.post('/v1/instances', { name: 'x', kind: 'sandbox', evolutionServer: 'default' })
    assert.deepEqual([placed.status, faultyFields(placed)], [400, ['evolutionServer']])
    const hidden = await ana.post('/v1/instances', { name: 'x', evolutionServer: 'sandbox' })
    assert.deepEqual([hidden.status, faultyFields(hidden)], [400, ['evolutionServer']])
    const server = { name: 'sandbox', url: 'http://evolution', apiKey: 'k' }
    assert.equal((await api.admin.post('/v1/admin/evolution-servers', server)).status, 409)
  })

  test('is its owner’s alone', async () => {
    await ana.post('/v1/instances', { name: 'mine', kind: 'sandbox' })
    const bob = await api.user('bob@example.com')
    assert.equal((await bob.get('/v1/instances/mine')).status, 404)
    const sent = await bob.post('/v1/messages', { instance: 'mine', to: '+5511999991000', text: 'hi' })
    assert.equal(sent.body['code'], 'instance-not-found')
  })
})

async function atEvolution(): Promise<string[]> {
  const { url, apiKey: apikey } = api.evolution
  const response = await fetch(`${url}/instance/fetchInstances`, { headers: { apikey } })
  const list: { name: string }[] = JSON.parse(await response.text())
  return list.map(({ name }) => name)
}
