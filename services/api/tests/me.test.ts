import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, PASSWORD, startApi } from './api-under-test.ts'
import { clientOf, faultyFields } from './client.ts'

const NEW_PASSWORD = 'other horse eats 7 plums'

let api: ApiUnderTest

before(async () => {
  api = await startApi({ overrides: { limits: { passwordChangesPerUser: 4, passwordResetsPerAddress: 12 } } })
})
after(() => api.stop())

const logIn = (email: string, password: string) => api.anybody.post('/user/login', { email, password })
const refresh = (token: unknown) => api.anybody.post('/user/refresh', { refresh_token: token })
const redeem = (token: unknown, password: string = NEW_PASSWORD) =>
  api.anybody.post('/user/password-reset', { token, password })

describe('the own profile', () => {
  test("shows and changes what is one's own to say, and nothing else", async () => {
    const ana = await api.user('ana@example.com')
    const { body } = await ana.get('/v1/me')
    assert.deepEqual([body['id'], body['email'], body['role']], [ana.id, 'ana@example.com', 'sender'])
    assert.doesNotMatch(JSON.stringify(body), /\$2b|passwordHash|tokenVersion/)
    const changed = await ana.patch('/v1/me', { fullname: 'Ana Sá', onAmbiguous: 'hold' })
    assert.deepEqual([changed.body['fullname'], changed.body['onAmbiguous']], ['Ana Sá', 'hold'])
    for (const more of [{ role: 'admin' }, { email: 'x@example.com' }, { status: 'approved' }, { password: 'x' }]) {
      assert.deepEqual(faultyFields(await ana.patch('/v1/me', { fullname: 'A', ...more })), Object.keys(more))
    }
    assert.deepEqual(faultyFields(await ana.patch('/v1/me', {})), ['fullname'])
    assert.deepEqual(faultyFields(await ana.patch('/v1/me', { fullname: 'a\u202eb' })), ['fullname'])
    assert.equal((await api.anybody.get('/v1/me')).status, 401)
  })

  test('what is wanted of ambiguous messages holds from the next message on', async () => {
    const ida = await api.user('ida@example.com')
    await ida.post('/v1/instances', { name: 'idas' })
    await ida.patch('/v1/me', { onAmbiguous: 'hold' })
    await ida.post('/v1/messages', { instance: 'idas', to: '+5511999991000', text: 'olá' })
    assert.equal((await api.topics.messages()).at(-1)?.onAmbiguous, 'hold')
  })
})

describe('a change of password', () => {
  test('ends every other session at once and gives the caller a new one; the old password is refused', async () => {
    const bia = await api.user('bia@example.com')
    const other = await logIn('bia@example.com', PASSWORD)
    const asked = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
    const { status, body, headers } = await bia.post('/v1/me/password', asked)
    assert.deepEqual([status, headers.get('cache-control')], [200, 'no-store'])
    assert.equal((await refresh(other.body['refresh_token'])).status, 401)
    assert.equal((await clientOf(api.url, String(other.body['access_token'])).get('/v1/me')).status, 401)
    assert.equal((await bia.get('/v1/me')).status, 401)
    assert.equal((await clientOf(api.url, String(body['access_token'])).get('/v1/me')).status, 200)
    assert.equal((await refresh(body['refresh_token'])).status, 200)
    assert.equal((await logIn('bia@example.com', PASSWORD)).status, 401)
    assert.equal((await logIn('bia@example.com', NEW_PASSWORD)).status, 200)
  })

  test('takes the old password, and one that the policy allows; else nothing changes', async () => {
    const caio = await api.user('caio@example.com')
    const change = (currentPassword: unknown, newPassword: unknown) =>
      caio.post('/v1/me/password', { currentPassword, newPassword })
    const wrong = await change('wrong', NEW_PASSWORD)
    assert.deepEqual([wrong.status, wrong.body['code']], [403, 'wrong-password'])
    for (const weak of ['short', 'correcthorsebattery', '😀'.repeat(25)]) {
      assert.deepEqual(faultyFields(await change(PASSWORD, weak)), ['newPassword'])
    }
    assert.equal((await change({ $ne: null }, NEW_PASSWORD)).status, 400)
    assert.equal((await caio.get('/v1/me')).status, 200)
    assert.equal((await logIn('caio@example.com', PASSWORD)).status, 200)
  })

  test('guesses with a stolen token are limited, per user', async () => {
    const dani = await api.user('dani@example.com')
    const guess = () => dani.post('/v1/me/password', { currentPassword: 'guess', newPassword: NEW_PASSWORD })
    const statuses = (await Promise.all(Array.from({ length: 8 }, guess))).map(({ status }) => status)
    assert.deepEqual(statuses.filter((status) => status === 403).length, 4)
    assert.deepEqual(statuses.filter((status) => status === 429).length, 4)
    const right = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
    assert.ok((await dani.post('/v1/me/password', right)).headers.get('retry-after'))
    const eli = await api.user('eli@example.com')
    assert.equal((await eli.post('/v1/me/password', right)).status, 200)
  })
})

describe('a password that was forgotten', () => {
  test('is set anew with a token of an administrator, once, and every session ends', async () => {
    const fabi = await api.user('fabi@example.com')
    const before = await logIn('fabi@example.com', PASSWORD)
    const { status, body, headers } = await api.admin.post(`/v1/users/${fabi.id}/password-reset`)
    assert.deepEqual([status, headers.get('cache-control')], [201, 'no-store'])
    const { token } = body
    assert.deepEqual(faultyFields(await redeem(token, 'short')), ['password'])
    const answers = await Promise.all([redeem(token), redeem(token)])
    assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([204, 401]))
    assert.equal((await redeem(token)).status, 401)
    assert.equal((await refresh(before.body['refresh_token'])).status, 401)
    assert.equal((await fabi.get('/v1/me')).status, 401)
    assert.equal((await logIn('fabi@example.com', PASSWORD)).status, 401)
    assert.equal((await logIn('fabi@example.com', NEW_PASSWORD)).status, 200)
  })

  test('neither database nor log holds the token, and an older or made-up one is refused', async () => {
    const gil = await api.user('gil@example.com')
    const issue = async () => (await api.admin.post(`/v1/users/${gil.id}/password-reset`)).body['token']
    const [first, second] = [await issue(), await issue()]
    const dump = JSON.stringify(await api.store.db.collection('password_resets').find().toArray())
    for (const text of [dump, api.logs()]) assert.ok(!text.includes(String(second).slice('wpr_'.length)))
    for (const wrong of [first, 'wpr_x', `${String(second)}a`]) {
      const answer = await redeem(wrong)
      assert.deepEqual([answer.status, answer.body['code']], [401, 'unauthenticated'])
    }
    assert.equal((await redeem({ $ne: null })).status, 400)
    await api.store.db.collection('password_resets').updateMany({}, { $set: { expireAt: new Date(Date.now() - 1) } })
    assert.equal((await redeem(second)).status, 401)
    assert.equal((await logIn('gil@example.com', PASSWORD)).status, 200)
  })

  test('a new password approves nobody', async () => {
    const { body } = await api.anybody.post('/user/signup', {
      email: 'hal@example.com',
      fullname: 'H',
      password: PASSWORD,
    })
    const reset = await api.admin.post(`/v1/users/${String(body['id'])}/password-reset`)
    assert.equal((await redeem(reset.body['token'])).status, 204)
    assert.equal((await logIn('hal@example.com', NEW_PASSWORD)).status, 403)
  })

  test('only administrators make tokens, and redeeming is limited per address', async () => {
    const iva = await api.user('iva@example.com')
    assert.equal((await iva.post(`/v1/users/${iva.id}/password-reset`)).status, 403)
    assert.equal((await api.admin.post(`/v1/users/${'0'.repeat(24)}/password-reset`)).status, 404)
    const answers = await Promise.all(Array.from({ length: 13 }, () => redeem('wpr_guess')))
    const limited = answers.filter(({ status }) => status === 429)
    assert.ok(limited.length >= 1)
    assert.ok(limited.every(({ headers }) => Number(headers.get('retry-after')) >= 1))
  })
})

describe('the own sessions', () => {
  test('are listed with where they came from, without their secrets, and each is ended alone', async () => {
    const jo = await api.user('jo@example.com')
    const second = await logIn('jo@example.com', PASSWORD)
    const listed = await jo.get('/v1/me/sessions')
    const sessions = [listed.body['data']].flat().map((each: unknown) => Object(each))
    assert.equal(sessions.length, 2)
    assert.ok(sessions.every(({ address }) => address === '127.0.0.1'))
    const [id = '', secret = ''] = String(second.body['refresh_token']).split('.')
    assert.equal(sessions[0].id, id)
    assert.ok(!JSON.stringify(listed.body).includes(secret))
    assert.equal((await jo.call('DELETE', `/v1/me/sessions/${id}`)).status, 204)
    assert.equal((await refresh(second.body['refresh_token'])).status, 401)
    assert.equal((await clientOf(api.url, String(second.body['access_token'])).get('/v1/me')).status, 401)
    assert.equal((await logIn('jo@example.com', PASSWORD)).status, 200)
  })

  test('a session that lives on renews its access token after another was ended', async () => {
    await api.user('mia@example.com')
    const first = await logIn('mia@example.com', PASSWORD)
    const second = await logIn('mia@example.com', PASSWORD)
    const [id = ''] = String(second.body['refresh_token']).split('.')
    const mia = clientOf(api.url, String(first.body['access_token']))
    assert.equal((await mia.call('DELETE', `/v1/me/sessions/${id}`)).status, 204)
    const renewed = await refresh(first.body['refresh_token'])
    assert.equal((await clientOf(api.url, String(renewed.body['access_token'])).get('/v1/me')).status, 200)
  })

  test('nobody sees or ends the session of another', async () => {
    const [kai, lia] = [await api.user('kai@example.com'), await api.user('lia@example.com')]
    const theirs = await logIn('kai@example.com', PASSWORD)
    const [id = ''] = String(theirs.body['refresh_token']).split('.')
    const foreign = await lia.call('DELETE', `/v1/me/sessions/${id}`)
    const missing = await lia.call('DELETE', `/v1/me/sessions/${'a'.repeat(22)}`)
    assert.deepEqual([foreign.status, foreign.body], [404, missing.body])
    assert.ok(!JSON.stringify((await lia.get('/v1/me/sessions')).body).includes(id))
    assert.equal((await kai.get('/v1/me')).status, 200)
    assert.equal((await refresh(theirs.body['refresh_token'])).status, 200)
  })
})
