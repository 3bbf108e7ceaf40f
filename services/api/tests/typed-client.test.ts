import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { ApiError, createAccountClient, createClient, dataOf, renewing, type Tokens } from '@whatsapp-sender/client'
import { ADMIN, type ApiUnderTest, PASSWORD, startApi } from './api-under-test.ts'
import { png } from './media-client.ts'
import { until } from './until.ts'

let api: ApiUnderTest
before(async () => {
  api = await startApi()
})
after(() => api.stop())

test('a session is renewed before its token ends, once for all calls that wait, and by the newest refresh token', async () => {
  const { email, password } = ADMIN
  const given = await dataOf(createClient({ baseUrl: api.url }).POST('/user/login', { body: { email, password } }))
  const renewed: Tokens[] = []
  // Over at once, as far as the client knows.
  const tokens = { ...given, access_token: 'over', expires_in: 0 }
  const onRenewed = (next: Tokens) => void renewed.push(next)
  const client = createClient({ baseUrl: api.url, token: renewing({ baseUrl: api.url, tokens, onRenewed }) })
  const answers = await Promise.all(Array.from({ length: 5 }, () => dataOf(client.GET('/v1/me'))))
  assert.deepEqual(new Set(answers.map(({ email }) => email)), new Set([email]))
  assert.equal(renewed.length, 1)
  const [next] = renewed
  assert.ok(next && next.refresh_token !== given.refresh_token)
  const again = renewing({ baseUrl: api.url, tokens: { ...next, expires_in: 0 } })
  assert.ok(await again())
  const spent = createClient({ baseUrl: api.url, token: renewing({ baseUrl: api.url, tokens }) })
  await assert.rejects(
    () => spent.GET('/v1/me'),
    (error) => error instanceof ApiError && error.status === 401 && error.code === 'unauthenticated',
  )
})

test('a client of an account logs in by itself, once for all calls, and anew after its session was ended', async () => {
  const [email, password] = ['eva@example.com', PASSWORD]
  await api.user(email)
  let logins = 0
  const counted = (request: Request) => {
    if (request.url.endsWith('/user/login')) logins += 1
    return fetch(request)
  }
  const client = createAccountClient({ baseUrl: api.url, email, password, fetch: counted })
  const answers = await Promise.all(Array.from({ length: 5 }, () => dataOf(client.GET('/v1/me'))))
  assert.deepEqual([new Set(answers.map((me) => me.email)), logins], [new Set([email]), 1])
  const {
    data: [session],
  } = await dataOf(client.GET('/v1/me/sessions'))
  // With it all access tokens of the user are refused.
  await dataOf(client.DELETE('/v1/me/sessions/{id}', { params: { path: { id: session?.id ?? '' } } }))
  assert.equal((await client.GET('/v1/me')).response.status, 401)
  assert.equal((await dataOf(client.GET('/v1/me'))).email, email)
  const wrong = createAccountClient({ baseUrl: api.url, email, password: 'not hers at all' })
  assert.equal((await failureOf(wrong.GET('/v1/me'))).status, 401)
})

test('a refusal is thrown with its code, its faults and when to come again', async () => {
  const client = createClient({ baseUrl: api.url, token: String(api.admin.token) })
  const missing = await failureOf(client.GET('/v1/instances/{name}', { params: { path: { name: 'nowhere' } } }))
  assert.deepEqual([missing.status, missing.code], [404, 'instance-not-found'])
  const faulty = await failureOf(client.POST('/v1/instances', { body: { name: '' } }))
  assert.deepEqual([faulty.code, faulty.problem?.errors?.map(({ field }) => field)], ['invalid-request', ['name']])
})

test('what something in front of the API answers is an error without a problem', async (t) => {
  const proxy = createServer((_req, res) => void res.writeHead(502, { 'retry-after': '7' }).end('<html>'))
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.after(() => void proxy.close())
  const address = proxy.address()
  assert.ok(typeof address === 'object' && address !== null)
  const error = await failureOf(createClient({ baseUrl: `http://127.0.0.1:${address.port}` }).GET('/'))
  assert.deepEqual([error.status, error.code, error.retryAfterSeconds], [502, 'no-problem', 7])
})

test('files and rows go up as they are', async () => {
  const client = createClient({ baseUrl: api.url, token: String(api.admin.token) })
  const bytes = png()
  const file = new File([new Uint8Array(bytes)], 'cup.png', { type: 'image/png' })
  const stored = await dataOf(client.POST('/v1/media', { body: { file } }))
  const path = { id: stored.id }
  const content = await dataOf(client.GET('/v1/media/{id}/content', { params: { path }, parseAs: 'arrayBuffer' }))
  assert.deepEqual(Buffer.from(content), bytes)

  await dataOf(client.POST('/v1/instances', { body: { name: 'sales' } }))
  const body = { name: 'spring', instance: 'sales', template: 'Olá {{name}}!' }
  const { id } = await dataOf(client.POST('/v1/campaigns', { body }))
  await dataOf(
    client.PUT('/v1/campaigns/{id}/rows', {
      params: { path: { id } },
      headers: { 'content-type': 'text/csv' },
      body: 'to,name\n+5511999991001,Ana\n+5511999991002,Bia\n',
    }),
  )
  const read = () => dataOf(client.GET('/v1/campaigns/{id}', { params: { path: { id } } }))
  await until('the rows are read', async () => (await read()).status === 'ready')
})

async function failureOf(call: Parameters<typeof dataOf>[0]): Promise<ApiError> {
  const error: unknown = await dataOf(call).catch((error: unknown) => error)
  assert.ok(error instanceof ApiError)
  return error
}
