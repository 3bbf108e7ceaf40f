import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ADMIN, type ApiUnderTest, PASSWORD, startApi } from './api-under-test.ts'
import { faultyFields } from './client.ts'

let api: ApiUnderTest

before(async () => {
  api = await startApi({ overrides: { limits: { loginsPerAccountAndAddress: 5, loginsPerAddress: 60 } } })
})
after(() => api.stop())

const signUp = (email: string, more: object = {}) =>
  api.anybody.post('/user/signup', { email, fullname: 'Someone', password: PASSWORD, ...more })
const logIn = (email: unknown, password: unknown) => api.anybody.post('/user/login', { email, password })

const refusedLogins = () => linesOf('login refused')
const linesOf = (phrase: string): Readonly<Record<string, unknown>>[] =>
  api
    .logs()
    .split('\n')
    .filter((line) => line.includes(`"msg":"${phrase}"`))
    .map((line) => JSON.parse(line))

describe('accounts', () => {
  test('a sign-up waits for approval; before it the right password gets 403', async () => {
    const { status, body } = await signUp('Bia@Example.com')
    assert.equal(status, 201)
    assert.equal(body['status'], 'pending')
    assert.equal(body['email'], 'bia@example.com')
    assert.equal((await logIn('bia@example.com', PASSWORD)).status, 403)
    const pending = await api.admin.get('/v1/users?status=pending')
    assert.match(JSON.stringify(pending.body), /bia@example.com/)
    assert.doesNotMatch(JSON.stringify(pending.body), /\$2b|passwordHash/)
    assert.equal((await signUp('BIA@example.com')).body['code'], 'email-taken')
  })

  test('nobody signs up with more than his own name', async () => {
    for (const more of [{ role: 'admin' }, { allowed: true }, { status: 'approved' }, { userId: 'x' }]) {
      const answer = await signUp('mallory@example.com', more)
      assert.equal(answer.status, 400)
      assert.deepEqual(faultyFields(answer), Object.keys(more))
    }
  })

  test('a name shows as it is: control characters and those that turn the text around are refused', async () => {
    for (const fullname of ['a\u202eb', 'a\nb', 'a\0b', 'a\u2066b', 'a\u001b[31mb', ' ']) {
      assert.deepEqual(faultyFields(await signUp('fay@example.com', { fullname })), ['fullname'])
    }
    assert.equal((await signUp('fay@example.com', { fullname: "José D'Ávila-Sá 李 👩‍🚀" })).status, 201)
  })

  test('weak passwords and those beyond 72 bytes are refused with the reason', async () => {
    for (const password of ['short', 'correcthorsebattery', 'a'.repeat(73), '😀'.repeat(25)]) {
      const answer = await signUp('carla@example.com', { password })
      assert.equal(answer.status, 400)
      assert.deepEqual(faultyFields(answer), ['password'])
    }
    const password = `${'só palavras '.repeat(5)}fim`
    assert.equal((await signUp('carla@example.com', { password })).status, 201)
  })

  test('objects where strings belong are no queries', async () => {
    for (const evil of [{ $ne: null }, { $gt: '' }, ['a'], true]) {
      assert.deepEqual(faultyFields(await logIn(evil, evil)), ['email', 'password'])
      assert.equal((await signUp('x@example.com', { email: evil })).status, 400)
    }
    assert.equal((await api.admin.patch('/v1/users/[object Object]', { status: 'approved' })).status, 400)
  })

  test('only an administrator sees and reviews users, and never himself', async () => {
    const dora = await api.user('dora@example.com')
    assert.equal((await dora.get('/v1/users')).status, 403)
    assert.equal((await dora.patch(`/v1/users/${dora.id}`, { status: 'approved' })).status, 403)
    const me = await api.store.users.findByEmail(ADMIN.email)
    assert.equal((await api.admin.patch(`/v1/users/${String(me?.id)}`, { status: 'rejected' })).status, 403)
    assert.equal((await api.admin.patch(`/v1/users/${'0'.repeat(24)}`, { status: 'approved' })).status, 404)
  })

  test("an administrator turns a user's events on and off, his own too, and reviews nobody by it", async () => {
    const eva = await api.user('eva@example.com')
    const on = await api.admin.patch(`/v1/users/${eva.id}`, { eventFeed: true })
    assert.equal(on.status, 200)
    assert.deepEqual([on.body['eventFeed'], on.body['status']], [true, 'approved'])
    assert.equal((await api.store.users.findById(eva.id))?.eventFeed, true)
    const off = await api.admin.patch(`/v1/users/${eva.id}`, { eventFeed: false, status: 'approved' })
    assert.deepEqual([off.status, off.body['eventFeed']], [200, false])
    const me = await api.store.users.findByEmail(ADMIN.email)
    assert.equal((await api.admin.patch(`/v1/users/${String(me?.id)}`, { eventFeed: true })).status, 200)
    assert.deepEqual(faultyFields(await api.admin.patch(`/v1/users/${eva.id}`, {})), ['status'])
    const reasoned = await api.admin.patch(`/v1/users/${eva.id}`, { eventFeed: true, reason: 'asked for it' })
    assert.deepEqual([reasoned.status, faultyFields(reasoned)], [400, ['reason']])
    assert.equal((await api.admin.patch(`/v1/users/${'0'.repeat(24)}`, { eventFeed: true })).status, 404)
    assert.equal((await eva.patch(`/v1/users/${eva.id}`, { eventFeed: true })).status, 403)
  })

  test('an unknown account and a wrong password are answered alike', async () => {
    await api.user('known@example.com')
    const unknown = await logIn('unknown@example.com', 'wrong password')
    const wrong = await logIn('known@example.com', 'wrong password')
    assert.equal(unknown.status, 401)
    assert.deepEqual(unknown.body, wrong.body)
  })

  test('a user of the old system logs in with his old password, which is hashed anew', async () => {
    const users = api.store.db.collection('users')
    const password = '$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk'
    await users.insertOne({ fullname: 'Old', email: 'old@example.com', password, allowed: true })
    assert.equal((await logIn('old@example.com', 'toomanysecretz')).status, 401)
    assert.equal((await logIn('old@example.com', 'toomanysecrets')).status, 200)
    assert.match(String((await users.findOne({ email: 'old@example.com' }))?.['password']), /^\$2b\$/)
    assert.equal((await logIn('old@example.com', 'toomanysecrets')).status, 200)
  })

  test('each refused login has a line that tells why, whose account it is, and neither address nor password', async () => {
    const { id } = await api.user('gina@example.com')
    const hal = await signUp('hal@example.com')
    const tried = 'not the password 1'
    assert.equal((await logIn('Gina@example.com', tried)).status, 401)
    assert.equal((await logIn('nobody-here@example.com', tried)).status, 401)
    assert.equal((await logIn('hal@example.com', tried)).status, 401)
    const pending = await logIn('hal@example.com', PASSWORD)
    assert.equal(pending.status, 403)
    const lines = refusedLogins().slice(-4)
    assert.deepEqual(
      lines.map(({ level, reason, user }) => [level, reason, user]),
      [
        ['warn', 'wrong-password', id],
        ['warn', 'unknown-address', undefined],
        ['warn', 'wrong-password', hal.body['id']],
        ['warn', 'pending', hal.body['id']],
      ],
    )
    const hashes = lines.map(({ emailHash }) => String(emailHash))
    assert.ok(hashes.every((hash) => /^[0-9a-f]{16}$/.test(hash)))
    assert.equal(new Set(hashes).size, 3, 'lines on one address can be joined')
    assert.equal(new Set(lines.map(({ clientAddressHash }) => clientAddressHash)).size, 1)
    assert.equal(lines[3]?.['requestId'], pending.headers.get('request-id'))
    for (const hidden of ['gina@', 'nobody-here', 'hal@', tried, PASSWORD]) assert.ok(!api.logs().includes(hidden))
  })

  test('whoever is shut out and goes on trying does not fill the log', async () => {
    await api.user('ivy@example.com')
    const before = refusedLogins().length
    for (let i = 0; i < 25; i++) await logIn('ivy@example.com', 'a guess')
    assert.equal(refusedLogins().length - before, 5)
    const counted = linesOf('logins are refused: too many tries').filter(({ level }) => level === 'warn')
    assert.equal(counted.length, 1)
  })

  test('guessing is limited per account, in parallel too, and nobody else feels it', async () => {
    await api.user('victim@example.com')
    await api.user('other@example.com')
    const forwarded = (i: number) => ({ 'x-forwarded-for': `10.0.0.${i}` })
    const guess = (i: number) =>
      api.anybody.post('/user/login', { email: 'VICTIM@example.com ', password: `guess ${i}` }, forwarded(i))
    const rounds = [
      await Promise.all([1, 2, 3].map(guess)),
      await Promise.all(Array.from({ length: 20 }, (_, i) => guess(i))),
    ]
    const guesses = rounds.flat()
    const judged = guesses.filter(({ status }) => status === 401)
    const limited = guesses.filter(({ status }) => status === 429)
    assert.equal(judged.length, 5)
    assert.equal(judged.length + limited.length, 23)
    assert.ok(limited.every(({ headers }) => Number(headers.get('retry-after')) >= 1))
    assert.equal((await logIn('victim@example.com', PASSWORD)).status, 429)
    assert.equal((await logIn('other@example.com', PASSWORD)).status, 200)
  })

  test('an account has one name: what cannot be seen in it neither finds it nor resets what is counted', async () => {
    await api.user('named@example.com')
    for (const name of ['\u200bnamed@example.com', 'named\u00ad@example.com', 'na\0med@example.com', 'named']) {
      assert.deepEqual(faultyFields(await logIn(name, PASSWORD)), ['email'], JSON.stringify(name))
    }
    assert.equal((await logIn('ｎamed@example.com', PASSWORD)).status, 401)
    assert.equal((await logIn(' Named@Example.com', PASSWORD)).status, 200)
  })

  test('a storm of logins leaves other routes fast', async () => {
    const storm = Array.from({ length: 40 }, (_, i) => logIn(`nobody${i}@example.com`, 'x'))
    const startedAt = performance.now()
    assert.equal((await api.anybody.get('/')).status, 200)
    assert.ok(performance.now() - startedAt < 1000)
    const statuses = new Set((await Promise.all(storm)).map(({ status }) => status))
    assert.deepEqual(statuses, new Set([401, 429]))
  })
})
