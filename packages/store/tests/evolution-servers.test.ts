import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createEvolutionServerDirectory, EVOLUTION_SERVERS_MAX, openStore } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
const { evolutionServers: servers } = store
const SECOND = { name: 'second', url: 'http://evolution-2:8080', apiKey: 'the-second-key' }

beforeEach(async () => {
  await store.db.collection('evolution_servers').deleteMany({})
})

test('a server is kept with its key sealed, and each name once', async () => {
  assert.equal(await servers.create(SECOND), 'created')
  assert.equal(await servers.create({ ...SECOND, url: 'http://elsewhere' }), 'name-taken')
  const { servers: listed } = await servers.list()
  assert.deepEqual(
    listed.map(({ name, url, apiKey }) => ({ name, url, apiKey })),
    [SECOND],
  )
  const dump = JSON.stringify(await store.db.collection('evolution_servers').find().toArray())
  assert.ok(!dump.includes(SECOND.apiKey))
})

test('what is not named in a change stays, and none but a server that is there can be changed', async () => {
  await servers.create(SECOND)
  assert.equal(await servers.change('second', { apiKey: 'new-key' }), true)
  assert.equal(await servers.change('third', { url: 'http://x' }), false)
  await servers.choose('default')
  assert.equal(await servers.change('default', { url: 'http://x' }), false)
  const { servers: listed } = await servers.list()
  assert.deepEqual(
    listed.map(({ name, url, apiKey }) => ({ name, url, apiKey })),
    [{ ...SECOND, apiKey: 'new-key' }],
  )
})

test('the server of the environment is the default until another is chosen, and may be chosen again', async () => {
  await servers.create(SECOND)
  const chosen = async () => (await servers.list()).chosen
  assert.equal(await chosen(), 'default')
  assert.equal(await servers.choose('second'), true)
  assert.equal(await chosen(), 'second')
  assert.equal(await servers.choose('third'), false)
  assert.equal(await servers.choose('default'), true)
  assert.equal(await chosen(), 'default')
  assert.equal((await servers.list()).servers.length, 1)
})

test('there are never so many that the connections of a process have no bound', async () => {
  for (let n = 0; n < EVOLUTION_SERVERS_MAX; n++) {
    assert.equal(await servers.create({ ...SECOND, name: `server-${n}` }), 'created')
  }
  assert.equal(await servers.create(SECOND), 'too-many')
  assert.equal(await servers.remove('server-0'), true)
  assert.equal(await servers.create(SECOND), 'created')
})

test('one whose key was sealed with another SECRET_KEY is listed without it and hides no other', async () => {
  await servers.create(SECOND)
  const other = await openStore({
    url: process.env['MONGO_URL'] ?? 'mongodb://127.0.0.1:27017',
    database: store.db.databaseName,
    appName: 'store-test',
    secretKey: 'another secret of at least 32 bytes',
  })
  try {
    await other.evolutionServers.create({ ...SECOND, name: 'third' })
    const { servers: listed } = await other.evolutionServers.list()
    assert.deepEqual(
      listed.map(({ name, apiKey }) => [name, apiKey]),
      [
        ['second', undefined],
        ['third', SECOND.apiKey],
      ],
    )
  } finally {
    await other.close()
  }
})

test('the directory tells of all servers as they are now', async () => {
  const told: number[] = []
  const directory = createEvolutionServerDirectory({
    servers,
    refreshMs: 60_000,
    onRead: (list) => told.push(list.servers.length),
    onError: assert.ifError,
  })
  await directory.start()
  assert.deepEqual([directory.list().chosen, told], ['default', [0]])
  await servers.create(SECOND)
  await directory.refresh()
  assert.deepEqual([directory.list().servers.map(({ name }) => name), told], [['second'], [0, 1]])
  await directory.stop()
})
