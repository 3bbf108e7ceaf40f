import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createInstanceDirectory, type Instance, type Store, TOKEN_UNREADABLE } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()

test('a name belongs to one live instance, however many are created at once', async () => {
  const name = randomUUID()
  const results = await Promise.all(Array.from({ length: 5 }, () => store.instances.create(newInstance({ name }))))
  assert.equal(results.filter((each) => each !== 'name-taken').length, 1)
})

test('the same name after a deletion is another instance, and the old one stays known', async () => {
  const first = await created()
  await store.instances.markDeleted(first.id)
  assert.equal(await store.instances.findByName(first.name), undefined)
  const second = await created({ name: first.name })
  assert.notEqual(second.id, first.id)
  const all = await store.instances.changedSince(undefined)
  assert.ok(all.find(({ id }) => id === first.id)?.deletedAt instanceof Date)
  assert.equal((await store.instances.findByName(first.name))?.id, second.id)
})

test('the token of Evolution is sealed in the database and opens only in its own row', async () => {
  const [a, b] = [await created({ evolutionToken: 'canary' }), await created()]
  assert.equal((await store.instances.findByName(a.name))?.evolutionToken, 'canary')
  const rows = store.db.collection<{ _id: string; sealedEvolutionToken: string }>('instances')
  const row = await rows.findOne({ _id: a.id })
  assert.ok(row !== null && !JSON.stringify(row).includes('canary'))
  await rows.updateOne({ _id: b.id }, { $set: { sealedEvolutionToken: row.sealedEvolutionToken } })
  await assert.rejects(store.instances.findByName(b.name), { code: 'sealed-value-refused' })
  await rows.deleteOne({ _id: b.id })
})

test('a token that cannot be opened hides no other instance, and its own says what is wrong', async () => {
  const owner = randomUUID()
  const [broken, good] = [await created({ owner }), await created({ owner })]
  const rows = store.db.collection<{ _id: string }>('instances')
  await rows.updateOne({ _id: broken.id }, { $set: { sealedEvolutionToken: 'ffffffff.AAAA' } })
  const directory = createInstanceDirectory({ instances: store.instances, onError: assert.ifError })
  await directory.refresh()
  const { data } = await store.instances.listOf(owner, { limit: 10 })
  for (const find of [directory.byId, (id: string) => data.find((each) => each.id === id)]) {
    assert.equal(find(good.id)?.evolutionToken, 't')
    const { evolutionToken, configurationError } = find(broken.id) ?? {}
    assert.deepEqual([evolutionToken, configurationError], ['', TOKEN_UNREADABLE])
  }
  await rows.deleteOne({ _id: broken.id })
})

test('a given id is kept: the secret of the webhook already names it', async () => {
  const id = randomUUID()
  assert.equal((await created({ id })).id, id)
})

test('every write can be followed by `changedSince`', async () => {
  const { id, name, updatedAt } = await created()
  const writes: (() => Promise<void>)[] = [
    () => store.instances.setState(id, 'open'),
    () => store.instances.requestCheck(id),
    () => store.instances.setConfigurationError(id, 'wrong key'),
    () => store.instances.setConfigurationError(id, undefined),
    () => store.instances.configure(id, { pace: { perMinute: 6, burst: 2 } }),
    () => store.instances.setUserActive('ana', false),
    () => store.instances.setOwner(id, 'bob'),
    () => store.instances.markDeleted(id),
  ]
  let before = { revision: 1, updatedAt }
  for (const write of writes) {
    await write()
    const seen = (await store.instances.changedSince(before.updatedAt)).find((each) => each.id === id)
    assert.ok(seen !== undefined && seen.name === name)
    assert.equal(seen.revision, before.revision + 1)
    assert.ok(seen.updatedAt >= before.updatedAt)
    before = seen
  }
})

test('what a follower knows already is not read to him again, and every change of it is', async () => {
  const { id, revision } = await created()
  const isKnown = (known: string, at: number) => known === id && at === revision
  const idsSince = async () => (await store.instances.changedSince(undefined, isKnown)).map((each) => each.id)
  assert.ok(!(await idsSince()).includes(id))
  await store.instances.requestCheck(id)
  assert.ok((await idsSince()).includes(id))
})

test('a state that is known already is not written', async () => {
  const { id, name } = await created({ state: 'open' })
  await store.instances.setState(id, 'open')
  assert.equal((await store.instances.findByName(name))?.revision, 1)
})

test('the number of a phone is kept as long as it is connected, and no other time', async () => {
  const { id, name } = await created({ state: 'close' })
  const number = async () => (await store.instances.findByName(name))?.connectedNumber
  await store.instances.setConnectedNumber(id, '+5511999990000')
  assert.equal(await number(), undefined, 'what comes too late is of a phone before')
  await store.instances.setState(id, 'open')
  await store.instances.setConnectedNumber(id, '+5511999990000')
  assert.equal(await number(), '+5511999990000')
  await store.instances.setState(id, 'connecting')
  assert.equal(await number(), undefined)
})

test('a user sees his own live instances, page by page', async () => {
  const owner = randomUUID()
  const mine = await Promise.all(['c', 'a', 'b'].map((name) => created({ owner, name: `${owner}-${name}` })))
  await created({ owner: 'somebody else' })
  const gone = await created({ owner, name: `${owner}-gone` })
  await store.instances.markDeleted(gone.id)
  const first = await store.instances.listOf(owner, { limit: 2 })
  const second = await store.instances.listOf(owner, { limit: 2, after: first.next })
  assert.deepEqual(
    [...first.data, ...second.data].map(({ name }) => name),
    mine.map(({ name }) => name).sort(),
  )
  assert.equal(second.next, undefined)
})

test('the directory follows what others write and tells each change once', async () => {
  const directory = createInstanceDirectory({ instances: store.instances, onError: assert.ifError })
  const told: Instance[] = []
  const instance = await created()
  await directory.refresh()
  directory.onChange((changed) => told.push(changed))
  assert.equal(directory.get(instance.name)?.state, 'close')
  await store.instances.setState(instance.id, 'open')
  await directory.refresh()
  await directory.refresh()
  assert.equal(directory.get(instance.name)?.state, 'open')
  assert.deepEqual(
    told.map(({ id, state }) => [id, state]),
    [[instance.id, 'open']],
  )
})

test('the directory gives a name to the instance that has it now, and keeps the deleted one by id', async () => {
  const directory = createInstanceDirectory({ instances: store.instances, onError: assert.ifError })
  const old = await created()
  await directory.refresh()
  await store.instances.markDeleted(old.id)
  const next = await created({ name: old.name })
  await directory.refresh()
  assert.equal(directory.get(old.name)?.id, next.id)
  assert.ok(directory.byId(old.id)?.deletedAt !== undefined)
})

type Given = Partial<Parameters<Store['instances']['create']>[0]>

function newInstance(given: Given = {}) {
  const defaults = { name: randomUUID(), owner: 'ana', evolutionToken: 't', webhookSecretHash: 'h', state: 'close' }
  return { ...defaults, state: 'close' as const, ...given }
}

async function created(given: Given = {}): Promise<Instance> {
  const instance = await store.instances.create(newInstance(given))
  assert.ok(instance !== 'name-taken')
  return instance
}
