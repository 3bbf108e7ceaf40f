import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import jwt from 'jsonwebtoken'
import { ADMIN, type ApiUnderTest, JWT_SECRET, PASSWORD, startApi, type TestUser } from './api-under-test.ts'
import { clientOf } from './client.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
})
after(() => api.stop())

describe('a token that is not ours is refused', () => {
  test('other algorithms, no signature, a cut or changed one', async () => {
    const token = String(ana.token)
    const [head = '', claims = '', signature = ''] = token.split('.')
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
      type: 'spki',
      format: 'pem',
    })
    const forged = (alg: string) => `${encode({ ...decode(head), alg })}.${claims}`
    const hs512 = createHmac('sha512', JWT_SECRET).update(forged('HS512')).digest('base64url')
    const confused = createHmac('sha256', pem).update(`${head}.${claims}`).digest('base64url')
    const rs256 = jwt.sign({ ver: 0 }, privateKey, { algorithm: 'RS256', subject: ana.id, keyid: kidOf(head) })
    const tokens = [
      `${forged('none')}.`,
      `${forged('None')}.`,
      `${forged('none')}.${signature}`,
      `${forged('HS512')}.${hs512}`,
      `${head}.${claims}.${confused}`,
      rs256,
      `${head}.${claims}.`,
      `${head}.${claims}`,
      `${head}.${encode({ ...decode(claims), sub: 'other' })}.${signature}`,
      token.slice(0, -1),
      'x',
    ]
    for (const candidate of tokens) await assertRefused(candidate)
  })

  test('claims and header that are not as we write them', async () => {
    const now = Math.floor(Date.now() / 1000)
    const good = { ver: 0, sub: ana.id, iss: 'whatsapp-sender', aud: 'whatsapp-sender-api', exp: now + 60 }
    assert.equal((await withToken(sign(good))).status, 200)
    await assertRefused(sign({ ...good, exp: now - 61 }))
    await assertRefused(sign({ ...good, exp: undefined }))
    await assertRefused(sign({ ...good, nbf: now + 3600 }))
    await assertRefused(sign({ ...good, aud: 'another' }))
    await assertRefused(sign({ ...good, iss: 'another' }))
    await assertRefused(sign({ ...good, ver: 1 }))
    await assertRefused(sign({ ...good, sub: { $ne: null } }))
    await assertRefused(sign(good, { typ: 'JWT' }))
    await assertRefused(sign(good, { kid: '../../etc/passwd' }))
    await assertRefused(sign(good, { kid: undefined }))
    await assertRefused(sign(good, { kid: 'unknown', jku: 'http://127.0.0.1:1/keys' }))
  })

  test('a token that was good ends with its time', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2
    const token = sign({ ver: 0, sub: ana.id, iss: 'whatsapp-sender', aud: 'whatsapp-sender-api', exp })
    assert.equal((await withToken(token)).status, 200)
    await until('it is refused', async () => (await withToken(token)).status === 401)
    assert.ok(Date.now() >= exp * 1000)
  })

  test('a refresh token is no access token, and no key is taken from the query', async () => {
    const { body } = await api.anybody.post('/user/login', { email: 'ana@example.com', password: PASSWORD })
    await assertRefused(String(body['refresh_token']))
    assert.equal((await api.anybody.get(`/v1/instances?access_token=${String(ana.token)}`)).status, 401)
    const answer = await api.anybody.get('/v1/instances')
    assert.equal(answer.status, 401)
    assert.match(String(answer.headers.get('www-authenticate')), /^Bearer/)
  })

  test('tokens of the old system are refused unless they are asked for', async () => {
    await assertRefused(legacyToken('ana@example.com'))
    const lenient = await startApi({ env: { ACCEPT_LEGACY_TOKENS: 'true' } })
    try {
      await lenient.user('old@example.com')
      const call = (token: string) => clientOf(lenient.url, token).get('/v1/instances')
      assert.equal((await call(legacyToken('old@example.com'))).status, 200)
      assert.equal((await call(legacyToken('old@example.com', -1))).status, 401)
      assert.equal((await call(legacyToken('old@example.com', 24 * 30))).status, 401, 'they were given for a day')
      assert.equal((await call(legacyToken('nobody@example.com'))).status, 401)
    } finally {
      await lenient.stop()
    }
  })
})

describe('sessions', () => {
  test('a refresh token works once; used again it ends its whole family', async () => {
    const { body: first } = await api.anybody.post('/user/login', ADMIN)
    const second = await refresh(first['refresh_token'])
    assert.equal(second.status, 200)
    const reused = await refresh(first['refresh_token'])
    assert.deepEqual([reused.status, reused.headers.get('www-authenticate')?.split(' ')[0]], [401, 'Bearer'])
    assert.equal((await refresh(second.body['refresh_token'])).status, 401)
    assert.equal((await refresh({ $ne: null })).status, 400)
  })

  test('logging out ends refresh tokens and, here, access tokens at once', async () => {
    const eva = await api.user('eva@example.com')
    const { body } = await api.anybody.post('/user/login', { email: 'eva@example.com', password: PASSWORD })
    assert.equal((await eva.post('/user/logout')).status, 204)
    assert.equal((await refresh(body['refresh_token'])).status, 401)
    assert.equal((await eva.get('/v1/instances')).status, 401)
  })

  test('a rejected user is out at once, and learns it only by his password', async () => {
    const ivo = await api.user('ivo@example.com')
    await ivo.post('/v1/instances', { name: 'ivo' })
    const rejected = await api.admin.patch(`/v1/users/${ivo.id}`, { status: 'rejected', reason: 'spam' })
    assert.equal(rejected.body['reason'], 'spam')
    const message = { instance: 'ivo', to: '+5511999991000', text: 'x' }
    assert.equal((await ivo.post('/v1/messages', message)).status, 401)
    const credentials = { email: 'ivo@example.com', password: PASSWORD }
    assert.equal((await api.anybody.post('/user/login', credentials)).status, 403)
    assert.equal((await api.anybody.post('/user/login', { ...credentials, password: 'wrong one' })).status, 401)
  })
})

function refresh(refreshToken: unknown) {
  return api.anybody.post('/user/refresh', { refresh_token: refreshToken })
}

function withToken(token: string) {
  return clientOf(api.url, token).get('/v1/instances')
}

async function assertRefused(token: string): Promise<void> {
  const { status, body } = await withToken(token)
  assert.equal(status, 401, token)
  assert.equal(body['code'], 'unauthenticated')
}

function sign(claims: object, header: object = {}): string {
  const [head = ''] = String(ana.token).split('.')
  const content = `${encode({ ...decode(head), ...header })}.${encode({ ...claims })}`
  return `${content}.${createHmac('sha256', JWT_SECRET).update(content).digest('base64url')}`
}

function legacyToken(email: string, hours = 24): string {
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ user_id: email, expires: Date.now() / 1000 + hours * 3600 })}`
  return `${content}.${createHmac('sha256', JWT_SECRET).update(content).digest('base64url')}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(part: string): Record<string, unknown> {
  const value: Record<string, unknown> = JSON.parse(Buffer.from(part, 'base64url').toString())
  return value
}

function kidOf(head: string): string {
  return String(decode(head)['kid'])
}
