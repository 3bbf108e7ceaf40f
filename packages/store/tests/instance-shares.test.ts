import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { parsePhoneNumber } from '@whatsapp-sender/contract'
import { accessOf, INSTANCE_SHARES_MAX, type Instance, mayUse } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const { instances, suppressions } = await openTestStore()

test('a share is there once for a user, the last word counts, however many are written at once', async () => {
  const { id, name } = await created()
  const words = (['view', 'send', 'manage', 'send', 'view'] as const).map((access) => ({ user: 'bob', access }))
  await Promise.all([...words, { user: '$owner', access: 'view' as const }].map((share) => instances.share(id, share)))
  await instances.share(id, { user: 'bob', access: 'manage' })
  const found = await instances.findByName(name)
  assert.ok(found)
  assert.deepEqual(found.shares?.map(({ user }) => user).sort(), ['$owner', 'bob'])
  assert.deepEqual(
    ['ana', 'bob', '$owner', 'eve'].map((user) => accessOf(found, user)),
    ['owner', 'manage', 'view', undefined],
  )
  assert.deepEqual([await instances.unshare(id, 'bob'), await instances.unshare(id, 'bob')], [true, false])
})

test('it can be shared with so many and no more, and theirs can still be changed', async () => {
  const { id } = await created()
  for (let n = 0; n < INSTANCE_SHARES_MAX; n++) await instances.share(id, { user: `user-${n}`, access: 'view' })
  assert.equal(await instances.share(id, { user: 'one more', access: 'view' }), 'too-many')
  assert.equal(await instances.share(id, { user: 'user-7', access: 'send' }), 'shared')
  assert.equal(await instances.unshare(id, 'user-7'), true)
  assert.equal(await instances.share(id, { user: 'one more', access: 'view' }), 'shared')
})

test('each access includes those below it, and none counts while either account is shut out', async () => {
  const { id, name } = await created()
  await instances.share(id, { user: 'bob', access: 'send' })
  const uses = async () => {
    const found = await instances.findByName(name)
    return (['view', 'send', 'manage'] as const).map((need) => found !== undefined && mayUse(found, 'bob', need))
  }
  assert.deepEqual(await uses(), [true, true, false])
  for (const user of ['bob', 'ana']) {
    await instances.setUserActive(user, false)
    assert.deepEqual(await uses(), [false, false, false], user)
    await instances.setUserActive(user, true)
    assert.deepEqual(await uses(), [true, true, false], user)
  }
})

test('what is shared is listed among one’s own by name, page by page, and can be followed', async () => {
  const [me, other] = [randomUUID(), randomUUID()]
  const names = ['d', 'b', 'c', 'a'].map((letter) => `${letter}-${me}`)
  for (const [at, name] of names.entries()) {
    const { id, updatedAt, revision } = await created({ name, owner: at % 2 === 0 ? me : other })
    if (at % 2 === 0) continue
    await instances.share(id, { user: me, access: 'view' })
    const changed = (await instances.changedSince(updatedAt)).find((each) => each.id === id)
    assert.equal(changed?.revision, revision + 1)
  }
  const first = await instances.listOf(me, { limit: 3 })
  const second = await instances.listOf(me, { limit: 3, after: first.next })
  assert.deepEqual(
    [...first.data, ...second.data].map(({ name }) => name),
    names.toSorted(),
  )
  assert.deepEqual([first.data.length, second.next], [3, undefined])
})

test('a recipient who wants nothing more is sent nothing by all who may send through the instance', async () => {
  const { id } = await created()
  await instances.share(id, { user: 'bob', access: 'send' })
  await instances.share(id, { user: 'eve', access: 'view' })
  const number = parsePhoneNumber('+5511999991000')
  assert.ok(number)
  await suppressions.optOut([{ instanceId: id, number, word: 'SAIR', at: new Date() }])
  const listed = await Promise.all(['ana', 'bob', 'eve'].map((user) => suppressions.find(user, number)))
  assert.deepEqual(
    listed.map((entry) => entry !== undefined),
    [true, true, false],
  )
})

async function created(given: Partial<Parameters<typeof instances.create>[0]> = {}): Promise<Instance> {
  const plain = { name: randomUUID(), owner: 'ana', evolutionToken: 't', webhookSecretHash: 'h' }
  const instance = await instances.create({ ...plain, state: 'open', ...given })
  assert.ok(instance !== 'name-taken')
  return instance
}
