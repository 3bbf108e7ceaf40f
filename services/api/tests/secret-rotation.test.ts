import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { ADMIN, type ApiUnderTest, JWT_SECRET, SECRET_KEY, startApi } from './api-under-test.ts'
import { clientOf } from './client.ts'
import { until } from './until.ts'

const NEW_JWT_SECRET = randomBytes(32).toString('hex')
const NEW_SECRET_KEY = randomBytes(32).toString('hex')

let first: ApiUnderTest
/** What was handed out before anything changed. */
let given: Readonly<{ token: string; apiKey: string; webhookSecret: string }>

before(async () => {
  first = await startApi()
  await first.admin.post('/v1/instances', { name: 'sales' })
  const { body } = await first.admin.post('/v1/api-keys', { name: 'k', scopes: ['messages:read'] })
  given = {
    token: String(first.admin.token),
    apiKey: String(body['key']),
    webhookSecret: await webhookSecretOf('sales'),
  }
})
after(() => first.stop())

test('with the new secrets in front of the old ones nobody is refused, and the old ones can go afterwards', async () => {
  const both = await first.another({
    JWT_SECRET: `${NEW_JWT_SECRET}\n${JWT_SECRET}`,
    SECRET_KEY: `${NEW_SECRET_KEY}\n${SECRET_KEY}`,
  })
  assert.equal(await statusWith(both.url, given.token), 200)
  assert.equal(await statusWith(both.url, given.apiKey), 200)
  const before = await first.store.instances.findByName('sales')
  assert.equal(await tellEvent(both.url), 200)
  await until('the hash of the secret is made anew', async () => {
    const now = await first.store.instances.findByName('sales')
    return now?.webhookSecretHash !== before?.webhookSecretHash
  })
  // The services of before sign and accept what they did: a rollout has both for a while.
  assert.equal(await statusWith(first.url, given.token), 200)
  await both.stop()

  const last = await first.another({ JWT_SECRET: NEW_JWT_SECRET, SECRET_KEY: NEW_SECRET_KEY })
  assert.equal(await statusWith(last.url, given.token), 401)
  assert.equal(await statusWith(last.url, given.apiKey), 401)
  assert.equal(await tellEvent(last.url), 200)
  const { body } = await clientOf(last.url).post('/user/login', { ...ADMIN })
  assert.equal(await statusWith(last.url, String(body['access_token'])), 200)
  await last.stop()
})

test('secrets that wait behind the old ones are let in and make nothing yet', async () => {
  const announced = await first.another({
    JWT_SECRET: `${JWT_SECRET}\n${NEW_JWT_SECRET}`,
    SECRET_KEY: `${SECRET_KEY}\n${NEW_SECRET_KEY}`,
  })
  const { body } = await clientOf(announced.url).post('/user/login', { ...ADMIN })
  assert.equal(await statusWith(first.url, String(body['access_token'])), 200)
  await announced.stop()
})

async function statusWith(url: string, token: string): Promise<number> {
  return (await clientOf(url, token).get('/v1/messages')).status
}

async function tellEvent(url: string): Promise<number> {
  const headers = { 'x-webhook-secret': given.webhookSecret }
  const event = { event: 'remove.instance', instance: 'sales' }
  return (await clientOf(url).post('/v1/evolution/events', event, headers)).status
}

/** As Evolution keeps it. */
async function webhookSecretOf(name: string): Promise<string> {
  const instance = await first.store.instances.findByName(name)
  const found = await fetch(`${first.evolution.url}/webhook/find/${name}`, {
    headers: { apikey: String(instance?.evolutionToken) },
  })
  const { headers }: { headers: Record<string, string> } = JSON.parse(await found.text())
  return String(headers['x-webhook-secret'])
}
