import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { openStore } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

test('making the indexes again changes nothing, and each collection has its own', async () => {
  const store = await openTestStore()
  const indexes = async () => {
    const collections = await store.db.listCollections({}, { nameOnly: true }).toArray()
    const names = collections.map(({ name }) => name).sort()
    return await Promise.all(
      names.map(async (name) => [name, (await store.db.collection(name).indexes()).map((index) => index.name)]),
    )
  }
  const first = await indexes()
  await store.ensureIndexes()
  assert.deepEqual(await indexes(), first)
  assert.ok(first.length >= 7)
  assert.ok(first.every(([, names]) => (names?.length ?? 0) >= 2))
})

test('a database that answers is reachable', async () => {
  const store = await openTestStore()
  assert.equal(store.isReachable(), true)
  assert.equal(await store.ping(), true)
})

test('its connections are told: how many are open, how many are in use, and who waits for one', async () => {
  const store = await openTestStore({ maxPoolSize: 2 })
  const asking = Promise.all(Array.from({ length: 5 }, () => store.db.command({ ping: 1 })))
  for (let turn = 0; turn < 10_000 && store.connections().busy === 0; turn += 1) await new Promise(setImmediate)
  assert.ok(store.connections().waiting > 0)
  await asking
  const { open, busy, waiting } = store.connections()
  assert.deepEqual([busy, waiting], [0, 0])
  assert.ok(open >= 1 && open <= 2, `${open} are open`)
})

test('a database that is down fails every operation within its bound, and never hangs', async () => {
  const store = await openStore({
    url: `mongodb://127.0.0.1:${await freePort()}`,
    database: 'unreachable',
    appName: 'store-test',
    secretKey: 'a secret of at least thirty-two bytes',
  })
  try {
    assert.equal(store.isReachable(), false)
    const began = performance.now()
    const results = await Promise.allSettled([
      store.users.findByEmail('ana@example.org'),
      store.instances.changedSince(undefined),
      store.refreshTokens.revokeAllOf('ana'),
      store.undecodable.insert([UNDECODABLE]),
      store.ensureIndexes(),
    ])
    assert.ok(results.every(({ status }) => status === 'rejected'))
    assert.equal(await store.ping(), false)
    assert.ok(performance.now() - began < 12_000)
  } finally {
    await store.close()
  }
})

const UNDECODABLE = {
  topic: 't',
  partition: 0,
  offset: 0n,
  key: null,
  value: null,
  headers: {},
  reason: 'empty',
  detail: 'no value',
} as const

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}
