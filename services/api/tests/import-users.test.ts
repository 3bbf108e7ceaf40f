import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { openStore, type Store } from '@whatsapp-sender/store'
import { verifyPassword } from '../src/users/password-worker.ts'

const { MONGO_URL = 'mongodb://127.0.0.1:27017' } = process.env
/** "toomanysecrets", as passlib wrote it. */
const HASH = '$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk'
const MAIN = new URL('../src/import-users/main.ts', import.meta.url).pathname

const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
let older: Store
let ours: Store

before(async () => {
  const open = (database: string) =>
    openStore({ url: MONGO_URL, database, appName: name, secretKey: 'a secret of at least thirty-two bytes' })
  older = await open(`${name}_old`)
  ours = await open(name)
  await ours.ensureIndexes()
})
after(async () => {
  for (const store of [older, ours]) {
    await store.db.dropDatabase()
    await store.close()
  }
})

test('accounts of the older system come over with their passwords and their approval, once, and nobody is changed', async () => {
  const mine = {
    email: 'here@example.com',
    fullname: 'Here',
    passwordHash: 'hash',
    role: 'admin',
    status: 'approved',
  } as const
  await ours.users.create(mine)
  await older.db.collection('users').insertMany([
    { fullname: 'Ana', email: 'ana@example.com', password: HASH, allowed: true },
    { fullname: 'Bob', email: 'Bob@Example.com', password: HASH, allowed: false },
    { fullname: 'Bob again', email: 'bob@example.com', password: HASH, allowed: true },
    { fullname: 'Not here', email: 'HERE@example.com', password: HASH, allowed: true },
    { fullname: 'No hash', email: 'plain@example.com', password: 'in plain words', allowed: true },
    { fullname: 'No e-mail', email: { $ne: null }, password: HASH, allowed: true },
  ])
  const first = await run()
  assert.match(first, /^2 imported, 2 here already, 2 refused$/m)
  assert.ok(!first.includes('in plain words') && !first.includes(HASH))
  const ana = await ours.users.findByEmail('ana@example.com')
  assert.deepEqual([ana?.status, ana?.role, ana?.fullname], ['approved', 'sender', 'Ana'])
  assert.equal(verifyPassword({ password: 'toomanysecrets', hash: ana?.passwordHash }).matches, true)
  assert.equal((await ours.users.findByEmail('bob@example.com'))?.status, 'pending')
  const here = await ours.users.findByEmail('here@example.com')
  assert.deepEqual([here?.fullname, here?.role, here?.passwordHash], ['Here', 'admin', 'hash'])
  assert.match(await run(), /^0 imported, 4 here already, 2 refused$/m)
  assert.equal(await older.db.collection('users').countDocuments(), 6)
})

test('a database that is not there, or settings that make no sense, are told in a sentence', async () => {
  await assert.rejects(run({ OLD_MONGO_URL: '' }), /OLD_MONGO_URL/)
  await assert.rejects(run({ OLD_MONGO_URL: 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300' }), /ECONNREFUSED/)
})

async function run(env: Readonly<Record<string, string>> = {}): Promise<string> {
  const given = {
    PATH: process.env['PATH'] ?? '',
    MONGO_URL,
    MONGO_DATABASE: name,
    OLD_MONGO_URL: MONGO_URL,
    OLD_MONGO_DATABASE: `${name}_old`,
    ...env,
  }
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN], { env: given })
  return stdout
}
