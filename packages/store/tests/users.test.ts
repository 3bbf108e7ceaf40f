import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { NewUser, Store, User } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()

const OLD_HASH = '$pbkdf2-sha256$29000$c2FsdA$aGFzaA'

test('an e-mail has one account, however it is written and however many sign up at once', async () => {
  const email = `${randomUUID()}@example.org`
  const results = await Promise.all(
    [email, email.toUpperCase(), ` ${email} `, email, email].map((each) => store.users.create(newUser(each))),
  )
  const created = results.filter((each) => each !== 'email-taken')
  assert.equal(created.length, 1)
  assert.equal(created[0]?.email, email)
  assert.deepEqual(await store.users.findByEmail(email.toUpperCase()), created[0])
})

test('a row of the older system is read as it is, and approved or pending by what it allowed', async () => {
  const allowed = await oldRow({ allowed: true })
  const waiting = await oldRow({ allowed: false })
  assert.deepEqual(await store.users.findByEmail(allowed.email), {
    id: allowed.id,
    email: allowed.email,
    fullname: 'Old User',
    status: 'approved',
    role: 'sender',
    passwordHash: OLD_HASH,
    tokenVersion: 0,
    onAmbiguous: 'resend',
    createdAt: allowed.createdAt,
  })
  assert.equal((await store.users.findById(waiting.id))?.status, 'pending')
  const { data } = await store.users.listByStatus('pending', { limit: 500 })
  assert.ok(data.some(({ id }) => id === waiting.id))
  assert.ok(data.every(({ id }) => id !== allowed.id))
})

test('rows of the older system that repeat an e-mail or write it with capitals do not stand in the way', async () => {
  const twin = await oldRow({ allowed: true })
  await oldRow({ allowed: false, email: twin.email })
  const capital = await oldRow({ allowed: true, email: `Old.${randomUUID()}@Example.org` })
  await store.ensureIndexes()
  for (const email of [capital.email, capital.email.toLowerCase()])
    assert.equal((await store.users.findByEmail(email))?.id, capital.id)
  assert.equal(await store.users.create(newUser(capital.email.toLowerCase())), 'email-taken')
  assert.equal(await store.users.create(newUser(twin.email)), 'email-taken')
  await store.users.replacePasswordHash(twin.id, 'new hash')
  await store.users.bumpTokenVersion(twin.id)
  const changed = await store.users.findById(twin.id)
  assert.deepEqual([changed?.passwordHash, changed?.tokenVersion], ['new hash', 1])
})

test('an account is found by its own e-mail only, not by one that merely looks or sorts like it', async () => {
  const { email } = await created(newUser())
  for (const alike of [`\u200b${email}`, `${email}\u00ad`, `\0${email}`, email.replace('example', 'ｅxample')]) {
    assert.equal(await store.users.findByEmail(alike), undefined, JSON.stringify(alike))
  }
})

test('what is written stays readable to the older system', async () => {
  const user = await created(newUser())
  const raw = () => store.db.collection<OldRow>('users').findOne({ email: user.email })
  const before = await raw()
  assert.deepEqual(
    [before?.fullname, before?.email, before?.password, before?.allowed],
    ['A User', user.email, 'hash', false],
  )
  await store.users.setStatus(user.id, 'approved', { by: 'admin' })
  assert.equal((await raw())?.allowed, true)
  await store.users.setStatus(user.id, 'rejected', { by: 'admin', reason: 'left' })
  assert.equal((await raw())?.allowed, false)
})

test('a rejected user loses his tokens and his instances stop, until he is approved again', async () => {
  const user = await created(newUser())
  await store.users.setStatus(user.id, 'approved', { by: 'admin' })
  const instance = await store.instances.create({
    name: randomUUID(),
    owner: user.id,
    evolutionToken: 'token',
    webhookSecretHash: 'hash',
    state: 'open',
  })
  assert.ok(instance !== 'name-taken')
  const ownerActive = async () => (await store.instances.findByName(instance.name))?.ownerActive
  const token = await store.refreshTokens.issue({ user: user.id, ttlMs: 60_000 })

  const rejected = await store.users.setStatus(user.id, 'rejected', { by: 'admin', reason: 'spam' })
  assert.deepEqual([rejected?.status, rejected?.reason, rejected?.tokenVersion], ['rejected', 'spam', 1])
  assert.equal(await ownerActive(), false)
  assert.deepEqual(await store.refreshTokens.rotate(token, 60_000), { kind: 'refused' })

  const approved = await store.users.setStatus(user.id, 'approved', { by: 'admin' })
  assert.equal(approved?.reason, undefined)
  assert.equal(await ownerActive(), true)
})

test('pages of users neither repeat nor miss one', async () => {
  const ids = new Set<string>()
  for (let i = 0; i < 5; i++) ids.add((await created({ ...newUser(), status: 'rejected' })).id)
  const seen: string[] = []
  let after: string | undefined
  do {
    const page: Awaited<ReturnType<Store['users']['listByStatus']>> = await store.users.listByStatus('rejected', {
      after,
      limit: 2,
    })
    assert.ok(page.data.length <= 2)
    seen.push(...page.data.map(({ id }) => id))
    after = page.next
  } while (after !== undefined)
  assert.equal(new Set(seen).size, seen.length)
  assert.ok([...ids].every((id) => seen.includes(id)))
})

test('an id that is none finds nobody and changes nobody', async () => {
  for (const id of ['', 'x', '{"$ne":null}', '0'.repeat(24)]) {
    assert.equal(await store.users.findById(id), undefined)
    assert.equal(await store.users.setStatus(id, 'approved', { by: 'admin' }), undefined)
    await store.users.bumpTokenVersion(id)
  }
})

type OldRow = { fullname: string; email: string; password: string; allowed: boolean }

function newUser(email = `${randomUUID()}@example.org`): NewUser {
  return { email, fullname: 'A User', passwordHash: 'hash', role: 'sender', status: 'pending' }
}

async function created(user: NewUser): Promise<User> {
  const result = await store.users.create(user)
  assert.ok(result !== 'email-taken')
  return result
}

async function oldRow({ allowed, email = `${randomUUID()}@example.org` }: { allowed: boolean; email?: string }) {
  const row = { fullname: 'Old User', email, password: OLD_HASH, allowed }
  const { insertedId } = await store.db.collection('users').insertOne(row)
  return { id: insertedId.toHexString(), email, createdAt: insertedId.getTimestamp() }
}

test('of two administrators who take their roles from each other at once, one at least remains', async () => {
  const [a, b] = await Promise.all([newAdmin(), newAdmin()])
  await store.db.collection('users').updateMany({ role: 'admin', email: { $nin: [a.email, b.email] } }, DEMOTED)
  await Promise.all([store.users.setRole(a.id, 'sender'), store.users.setRole(b.id, 'viewer')])
  const left = await Promise.all([a, b].map(async ({ id }) => (await store.users.findById(id))?.role))
  assert.ok(left.includes('admin'), left.join())
})

const DEMOTED = { $set: { role: 'sender' } }

async function newAdmin(): Promise<User> {
  const created = await store.users.create({
    ...newUser(`${randomUUID()}@example.org`),
    role: 'admin',
    status: 'approved',
  })
  assert.ok(created !== 'email-taken')
  return created
}
