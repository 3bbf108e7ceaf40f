import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, PASSWORD, startApi, type TestUser } from './api-under-test.ts'

const NAME = 'anas'
const MESSAGE = { instance: NAME, to: '+5511999991000', text: 'olá' }

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser
let eve: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
  eve = await api.user('eve@example.com')
  assert.equal((await ana.post('/v1/instances', { name: NAME })).status, 201)
  assert.equal((await bob.post('/v1/instances', { name: 'bobs' })).status, 201)
})
after(() => api.stop())

/** Status of what each access is for, and of what none of them is. */
const ACTS: Readonly<Record<string, (user: TestUser) => Promise<{ status: number }>>> = {
  view: (user) => user.get(`/v1/instances/${NAME}`),
  send: (user) => user.post('/v1/messages', MESSAGE),
  validate: (user) => user.post('/v1/messages', { ...MESSAGE, validateOnly: true }),
  batch: (user) => user.post('/v1/messages/batch', { messages: [MESSAGE] }),
  campaign: (user) => user.post('/v1/campaigns', { name: 'January', instance: NAME }),
  pause: (user) => user.patch(`/v1/instances/${NAME}`, { paused: false }),
  restart: (user) => user.post(`/v1/instances/${NAME}/restart`),
  share: (user) => user.call('PUT', `/v1/instances/${NAME}/shares/${eve.id}`, { access: 'view' }),
  shares: (user) => user.get(`/v1/instances/${NAME}/shares`),
  unshare: (user) => user.call('DELETE', `/v1/instances/${NAME}/shares/${user.id}`),
  give: (user) => user.post(`/v1/instances/${NAME}/owner`, { ownerEmail: 'bob@example.com' }),
  delete: (user) => user.call('DELETE', `/v1/instances/${NAME}`),
}

describe('an instance that is shared', () => {
  test('lets a user do what the access is for and nothing beyond; without one it looks like none', async () => {
    const allowed = {
      none: [],
      view: ['view'],
      send: ['view', 'send', 'validate', 'batch', 'campaign'],
      manage: ['view', 'send', 'validate', 'batch', 'campaign', 'pause', 'restart'],
    }
    for (const [access, acts] of Object.entries(allowed)) {
      if (access !== 'none') assert.equal((await share('bob@example.com', access)).status, 200)
      const may: string[] = []
      for (const [act, call] of Object.entries(ACTS)) {
        const { status } = await call(bob)
        if (status < 300) may.push(act)
        else
          assert.ok(
            status === 404 || (status === 422 && act === 'batch') || (status === 403 && act === 'give'),
            `${access} ${act}: ${status}`,
          )
      }
      assert.deepEqual(may, acts, access)
    }
    assert.equal((await unshare(bob.id)).status, 204)
    assert.equal((await bob.get(`/v1/instances/${NAME}`)).status, 404)
    const { body } = await bob.get(`/v1/instances/${NAME}`)
    assert.deepEqual(body, (await bob.get('/v1/instances/nobodys')).body)
  })

  test('is listed with the access, by the name of both lists, and is one’s own without', async () => {
    await share('BOB@example.com', 'send')
    const own = await listed(bob)
    assert.deepEqual(own, [
      [NAME, 'send', ana.id],
      ['bobs', undefined, bob.id],
    ])
    assert.deepEqual(await listed(ana), [[NAME, undefined, ana.id]])
    const shares = await ana.get(`/v1/instances/${NAME}/shares`)
    assert.deepEqual(shares.body['data'], [{ user: bob.id, email: 'bob@example.com', access: 'send' }])
    assert.equal((await ana.get(`/v1/instances/${NAME}`)).body['access'], undefined)
    assert.equal((await unshare('bob@example.com')).status, 204)
    assert.deepEqual(await listed(bob), [['bobs', undefined, bob.id]])
  })

  test('leaves each sender his own messages: the owner sees none of them', async () => {
    await share('bob@example.com', 'send')
    const { status, body } = await bob.post('/v1/messages', MESSAGE)
    assert.equal(status, 202)
    const record = (await api.topics.messages()).find(({ id }) => id === body['id'])
    assert.ok(record !== undefined && record.user === bob.id)
    await api.store.ledger.insert([{ record, appendedAt: Date.now(), offset: 0n, wake: false }], new Date())
    assert.equal((await bob.get(`/v1/messages/${record.id}`)).status, 200)
    assert.equal((await ana.get(`/v1/messages/${record.id}`)).status, 404)
    assert.doesNotMatch(JSON.stringify((await ana.get('/v1/messages')).body), new RegExp(record.id))
    await unshare(bob.id)
  })

  test('is shared with nobody who is not there, not approved, or its owner, and with a user once', async () => {
    const { body } = await api.anybody.post('/user/signup', {
      email: 'new@example.com',
      fullname: 'New',
      password: PASSWORD,
    })
    const refusals = await Promise.all(
      [String(body['id']), 'new@example.com', 'nobody@example.com', '0'.repeat(24), '$ne'].map((user) =>
        share(user, 'send'),
      ),
    )
    for (const refused of refusals) assert.deepEqual([refused.status, refused.body], [404, refusals[0]?.body])
    assert.equal(refusals[0]?.body['code'], 'user-not-found')
    assert.equal((await share('ana@example.com', 'view')).status, 400)
    assert.equal((await share('bob@example.com', 'owner')).status, 400)
    for (const access of ['send', 'view', 'manage']) await share('bob@example.com', access)
    assert.deepEqual((await api.store.instances.findByName(NAME))?.shares, [
      { user: bob.id, access: 'manage', active: true },
    ])
    assert.equal((await unshare(bob.id)).status, 204)
    const again = await unshare(bob.id)
    assert.deepEqual([again.status, again.body['code']], [404, 'share-not-found'])
  })

  test('tells nobody whose an id is: by it only administrators let in whom it is not shared with', async () => {
    const refused = await share(eve.id, 'view')
    assert.deepEqual([refused.status, refused.body], [404, (await share('0'.repeat(24), 'view')).body])
    await share('eve@example.com', 'view')
    const { status, body } = await share(eve.id, 'send')
    assert.deepEqual([status, body], [200, { user: eve.id, email: 'eve@example.com', access: 'send' }])
    assert.equal((await unshare(eve.id)).status, 204)
  })

  test('can be shared by an administrator, by no key, and each time it is kept who did it', async () => {
    const shared = await api.admin.call('PUT', `/v1/instances/${NAME}/shares/${eve.id}`, { access: 'view' })
    assert.equal(shared.status, 200)
    const key = await ana.post('/v1/api-keys', { name: 'k', scopes: ['instances:manage', 'instances:read'] })
    const byKey = await ana.get(`/v1/instances/${NAME}/shares`, { authorization: `Bearer ${String(key.body['key'])}` })
    assert.deepEqual([byKey.status, byKey.body['code']], [403, 'session-required'])
    assert.equal((await unshare(eve.id)).status, 204)
    const { data } = (await api.admin.get(`/v1/audit?target=${NAME}&limit=2`)).body
    const acts = [data].flat().map((entry: unknown) => Object(entry))
    const adminId = String((await api.admin.get('/v1/me')).body['id'])
    assert.deepEqual(
      acts.map(({ action, by, details }) => [action, by, details]),
      [
        ['instance.unshared', ana.id, { user: eve.id }],
        ['instance.shared', adminId, { user: eve.id, access: 'view' }],
      ],
    )
  })

  test('is shared with nobody any more when it has another owner', async () => {
    assert.equal((await ana.post('/v1/instances', { name: 'given' })).status, 201)
    await ana.call('PUT', '/v1/instances/given/shares/bob@example.com', { access: 'manage' })
    assert.equal((await bob.get('/v1/instances/given')).status, 200)
    await api.admin.post('/v1/instances/given/owner', { ownerEmail: 'eve@example.com' })
    assert.equal((await bob.get('/v1/instances/given')).status, 404)
    assert.deepEqual((await eve.get('/v1/instances/given/shares')).body, { data: [], next: null })
  })
})

function share(user: string, access: string) {
  return ana.call('PUT', `/v1/instances/${NAME}/shares/${encodeURIComponent(user)}`, { access })
}

function unshare(user: string) {
  return ana.call('DELETE', `/v1/instances/${NAME}/shares/${encodeURIComponent(user)}`)
}

async function listed(user: TestUser): Promise<unknown[]> {
  const { data } = (await user.get('/v1/instances')).body
  return [data].flat().map((each: unknown) => [Object(each).name, Object(each).access, Object(each).owner])
}
