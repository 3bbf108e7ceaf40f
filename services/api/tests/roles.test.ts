import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Role } from '@whatsapp-sender/contract'
import { ADMIN, type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'

const NOBODY = '0'.repeat(24)
/** No id: refused once it is known who calls, and nobody waits for it. */
const NO_MESSAGE = 'none'

/** What everybody who may gets past 403; the rest of the answer does not matter here. */
const CALLS: readonly (readonly [method: string, path: string, who: readonly Role[]])[] = [
  ['GET', '/v1/instances', ['admin', 'operator', 'sender', 'viewer']],
  ['GET', '/v1/messages', ['admin', 'operator', 'sender', 'viewer']],
  ['GET', '/v1/events?x=', ['admin', 'operator', 'sender', 'viewer']],
  ['GET', `/v1/messages/${NO_MESSAGE}/events`, ['admin', 'operator', 'sender', 'viewer']],
  ['GET', `/v1/messages/${NO_MESSAGE}`, ['admin', 'operator', 'sender', 'viewer']],
  ['GET', '/v1/dead-letters', ['admin', 'operator', 'sender', 'viewer']],
  ['GET', `/v1/dead-letters?user=${NOBODY}`, ['admin', 'operator']],
  ['POST', '/v1/messages', ['admin', 'operator', 'sender']],
  ['POST', '/whatsappsender/message', ['admin', 'operator', 'sender']],
  ['POST', '/v1/messages/cancel', ['admin', 'operator', 'sender']],
  ['POST', `/v1/messages/${NO_MESSAGE}/cancel`, ['admin', 'operator', 'sender']],
  ['POST', `/v1/dead-letters/${NO_MESSAGE}/replay`, ['admin', 'operator', 'sender']],
  ['POST', '/v1/dead-letters/discard', ['admin', 'operator', 'sender']],
  ['POST', '/v1/instances', ['admin', 'operator', 'sender']],
  ['PATCH', '/v1/instances/none', ['admin', 'operator', 'sender']],
  ['POST', '/v1/instances/none/connect', ['admin', 'operator', 'sender']],
  ['GET', '/v1/undecodable', ['admin']],
  ['GET', '/v1/users', ['admin']],
  ['GET', '/v1/audit', ['admin']],
  ['GET', '/v1/admin/evolution-servers', ['admin']],
  ['POST', `/v1/users/${NOBODY}/password-reset`, ['admin']],
  ['PATCH', `/v1/users/${NOBODY}`, ['admin']],
]

let api: ApiUnderTest

before(async () => {
  api = await startApi()
})
after(() => api.stop())

describe('roles', () => {
  test('each may what its row of the table says, and nothing else', async () => {
    for (const role of ['viewer', 'sender', 'operator', 'admin'] as const) {
      const user = await withRole(`one-${role}@example.com`, role)
      for (const [method, path, who] of CALLS) {
        const { status, body } = await user.call(method, path)
        const isRefused = status === 403 && body['code'] === 'forbidden'
        assert.equal(isRefused, !who.includes(role), `${role} ${method} ${path}: ${status}`)
      }
    }
  })

  test('whoever signed up, and whoever the older system or a row without a role names, is a sender', async () => {
    const user = await api.user('new@example.com')
    assert.equal(await roleOf(user), 'sender')
    const users = api.store.db.collection('users')
    await users.updateOne({ email: 'new@example.com' }, { $set: { role: 'user' } })
    assert.equal(await roleOf(user), 'sender')
    await users.updateOne({ email: 'new@example.com' }, { $unset: { role: 1 } })
    assert.equal(await roleOf(user), 'sender')
  })

  test('a role that was taken away is gone with the next request', async () => {
    const user = await withRole('fallen@example.com', 'admin')
    assert.equal((await user.get('/v1/users')).status, 200)
    await api.admin.patch(`/v1/users/${user.id}`, { role: 'viewer' })
    assert.equal((await user.get('/v1/users')).status, 403)
  })

  test('an administrator gives up his own role unless he is the last one', async () => {
    const other = await startApi()
    try {
      const me = String((await other.store.users.findByEmail(ADMIN.email))?.id)
      const demote = (id: string) => other.admin.patch(`/v1/users/${id}`, { role: 'sender' })
      assert.deepEqual([(await demote(me)).status, (await demote(me)).body['code']], [409, 'last-admin'])
      assert.equal((await other.admin.get('/v1/users')).status, 200)
      const second = await other.user('second@example.com')
      await other.admin.patch(`/v1/users/${second.id}`, { role: 'admin' })
      assert.deepEqual([(await demote(me)).status, (await other.admin.get('/v1/users')).status], [200, 403])
    } finally {
      await other.stop()
    }
  })

  test('what is no role is refused', async () => {
    const { id } = await api.user('plain@example.com')
    for (const role of ['user', 'root', '', null, { $ne: null }]) {
      assert.deepEqual(faultyFields(await api.admin.patch(`/v1/users/${id}`, { role })), ['role'])
    }
  })
})

async function withRole(email: string, role: Role): Promise<TestUser> {
  const user = await api.user(email)
  assert.equal((await api.admin.patch(`/v1/users/${user.id}`, { role })).status, 200)
  return user
}

async function roleOf({ id }: TestUser): Promise<unknown> {
  return (await api.admin.patch(`/v1/users/${id}`, { eventFeed: false })).body['role']
}
