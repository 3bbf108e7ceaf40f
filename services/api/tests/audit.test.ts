import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ADMIN, type ApiUnderTest, PASSWORD, startApi } from './api-under-test.ts'
import { faultyFields } from './client.ts'

let api: ApiUnderTest
let adminId: string

before(async () => {
  api = await startApi({ env: { AUDIT_RETENTION_DAYS: '2' } })
  adminId = String((await api.store.users.findByEmail(ADMIN.email))?.id)
})
after(() => api.stop())

async function entries(
  query = '',
): Promise<{ id: string; by: string; action: string; target: string; details: unknown }[]> {
  const { status, body } = await api.admin.get(`/v1/audit${query}`)
  assert.equal(status, 200)
  return [body['data']].flat().map((each: unknown) => Object(each))
}

describe('the audit log', () => {
  test('has every act of an administrator: who, what, to whom, from where', async () => {
    const ana = await api.user('ana@example.com')
    await api.admin.patch(`/v1/users/${ana.id}`, { role: 'operator', eventFeed: true })
    await api.admin.post(`/v1/users/${ana.id}/password-reset`)
    await api.admin.patch(`/v1/users/${ana.id}`, { status: 'rejected', reason: 'spam' })
    const found = await entries(`?target=${ana.id}`)
    assert.deepEqual(
      found.map(({ action }) => action),
      ['user.rejected', 'user.password-reset-issued', 'user.events-changed', 'user.role-changed', 'user.approved'],
    )
    assert.ok(found.every(({ by }) => by === adminId))
    const [rejected] = found
    assert.deepEqual(
      { ...rejected, id: '', at: '' },
      {
        id: '',
        at: '',
        by: adminId,
        action: 'user.rejected',
        target: ana.id,
        address: '127.0.0.1',
        details: { reason: 'spam' },
      },
    )
  })

  test('has what users do about their keys, passwords and sessions, and nothing that is secret', async () => {
    const bia = await api.user('bia@example.com')
    const made = await bia.post('/v1/api-keys', { name: 'k', scopes: ['messages:send'] })
    await bia.call('DELETE', `/v1/api-keys/${String(made.body['id'])}`)
    const reset = await api.admin.post(`/v1/users/${bia.id}/password-reset`)
    const password = 'other horse eats 7 plums'
    await api.anybody.post('/user/password-reset', { token: reset.body['token'], password })
    const again = await api.logIn('bia@example.com', password)
    await again.post('/v1/me/password', { currentPassword: password, newPassword: PASSWORD })
    await (await api.logIn('bia@example.com', PASSWORD)).post('/user/logout')
    const found = await entries(`?by=${bia.id}`)
    assert.deepEqual(
      found.map(({ action }) => action),
      ['sessions.ended', 'password.changed', 'password.reset', 'api-key.revoked', 'api-key.created'],
    )
    const row = await api.store.users.findById(bia.id)
    const dump = JSON.stringify([await entries(), await api.store.db.collection('audit').find().toArray()])
    for (const secret of [made.body['key'], reset.body['token'], password, PASSWORD, row?.passwordHash]) {
      assert.ok(!dump.includes(String(secret)))
    }
  })

  test('has adopted instances and discarded records', async () => {
    const evolution = { method: 'POST', headers: { apikey: api.evolution.apiKey, 'content-type': 'application/json' } }
    const body = JSON.stringify({ instanceName: 'adopted', integration: 'WHATSAPP-BAILEYS' })
    assert.ok((await fetch(`${api.evolution.url}/instance/create`, { ...evolution, body })).ok)
    const adopted = await api.admin.post('/v1/instances', { name: 'adopted', adopt: true })
    assert.equal(adopted.status, 201, JSON.stringify(adopted.body))
    assert.deepEqual(
      (await entries('?target=adopted')).map(({ action }) => action),
      ['instance.adopted'],
    )
    await api.store.undecodable.insert([
      {
        topic: 'messages',
        partition: 0,
        offset: 7n,
        key: null,
        value: Buffer.from('x'),
        headers: {},
        reason: 'not-json',
        detail: 'no JSON',
      },
    ])
    assert.equal((await api.admin.call('DELETE', '/v1/undecodable/messages:0:7')).status, 204)
    assert.equal((await entries('?target=messages:0:7'))[0]?.action, 'undecodable.discarded')
  })

  test('has who restarted, logged out and deleted an instance, and nothing of what was refused', async () => {
    const [eva, fred] = [await api.user('eva@example.com'), await api.user('fred@example.com')]
    assert.equal((await eva.post('/v1/instances', { name: 'phone' })).status, 201)
    const { id = '' } = (await api.store.instances.findByName('phone')) ?? {}
    for (const act of ['restart', 'logout'])
      assert.equal((await fred.post(`/v1/instances/phone/${act}`)).status, 404, act)
    assert.equal((await fred.call('DELETE', '/v1/instances/phone')).status, 404)
    for (const act of ['restart', 'logout'])
      assert.equal((await eva.post(`/v1/instances/phone/${act}`)).status, 200, act)
    assert.equal((await eva.call('DELETE', '/v1/instances/phone')).status, 204)
    assert.deepEqual(
      (await entries('?target=phone')).map(({ action, by, details }) => [action, by, details]),
      [
        ['instance.deleted', eva.id, { instanceId: id, evolution: 'deleted' }],
        ['instance.logged-out', eva.id, {}],
        ['instance.restarted', eva.id, {}],
      ],
    )
  })

  test('has which settings of an instance were changed, and none of their values', async () => {
    const [gina, hugo] = [await api.user('gina@example.com'), await api.user('hugo@example.com')]
    assert.equal((await gina.post('/v1/instances', { name: 'paced' })).status, 201)
    const change = { pace: { perMinute: 7, burst: 1 }, paused: true }
    assert.equal((await gina.patch('/v1/instances/paced', { paused: 'yes' })).status, 400)
    assert.equal((await hugo.patch('/v1/instances/paced', change)).status, 404)
    assert.equal((await gina.patch('/v1/instances/paced', change)).status, 200)
    assert.deepEqual(
      (await entries('?target=paced')).map(({ action, by, details }) => [action, by, details]),
      [['instance.changed', gina.id, { fields: ['pace', 'paused'] }]],
    )
  })

  test('has what is done to the dead letters of others, and not what somebody does with his own', async () => {
    const dora = await api.user('dora@example.com')
    await dora.post('/v1/dead-letters/discard', { all: true })
    await api.admin.post('/v1/dead-letters/discard', { user: dora.id })
    await api.admin.post('/v1/dead-letters/replay', { all: true })
    assert.deepEqual(await entries(`?by=${dora.id}`), [])
    assert.deepEqual(
      (await entries(`?by=${adminId}&limit=2`)).map(({ action, target }) => [action, target]),
      [
        ['dead-letters.replayed', 'everybody'],
        ['dead-letters.discarded', dora.id],
      ],
    )
  })

  test('says nothing of what was refused', async () => {
    const before = (await entries()).length
    await api.admin.patch(`/v1/users/${'0'.repeat(24)}`, { status: 'approved' })
    await api.admin.patch(`/v1/users/${adminId}`, { status: 'rejected' })
    await api.admin.patch(`/v1/users/${adminId}`, { role: 'viewer' })
    await api.admin.call('DELETE', '/v1/undecodable/messages:0:99')
    assert.equal((await entries()).length, before)
  })

  test('is for administrators, and its pages lose and repeat nothing while more is done', async () => {
    const caio = await api.user('caio@example.com')
    assert.equal((await caio.get('/v1/audit')).status, 403)
    const before = (await entries('?limit=100')).map(({ id }) => id)
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await api.admin.get(`/v1/audit?limit=3${cursor}`)
      seen.push(...[body['data']].flat().map((each: unknown) => String(Object(each).id)))
      cursor = typeof body['next'] === 'string' ? `&cursor=${body['next']}` : ''
      await api.admin.patch(`/v1/users/${caio.id}`, { eventFeed: true })
    } while (cursor !== '')
    assert.deepEqual(seen, before)
    assert.deepEqual(faultyFields(await api.admin.get('/v1/audit?cursor=x')), ['cursor'])
    assert.deepEqual(faultyFields(await api.admin.get('/v1/audit?by[$ne]=x')), ['by[$ne]'])
  })

  test('keeps an entry as long as it was told to', async () => {
    const [row] = await api.store.db.collection('audit').find().limit(1).toArray()
    assert.equal(row?.['expireAt'].getTime() - row?.['at'].getTime(), 2 * 86_400_000)
    const indexes = await api.store.db.collection('audit').indexes()
    assert.equal(indexes.find(({ name }) => name === 'retention')?.expireAfterSeconds, 0)
  })
})
