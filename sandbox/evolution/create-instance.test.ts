import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isJsonObject } from './json.ts'
import { errorBody, masked, startForTest } from './start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
})
after(() => sandbox.stop())

const settings = {
  rejectCall: false,
  msgCall: '',
  groupsIgnore: false,
  alwaysOnline: false,
  readMessages: false,
  readStatus: false,
  syncFullHistory: false,
  wavoipToken: '',
}

const created = (name: string, token: string, status: string) => ({
  instance: {
    instanceName: name,
    instanceId: '<uuid>',
    integration: 'WHATSAPP-BAILEYS',
    webhookWaBusiness: null,
    accessTokenWaBusiness: '',
    status,
  },
  hash: token,
  webhook: {},
  websocket: {},
  rabbitmq: {},
  nats: {},
  sqs: {},
  settings,
})

test('create answers with the given token', async () => {
  const { status, body } = await sandbox.create('given', { token: 'tok', qrcode: false })
  assert.equal(status, 201)
  assert.deepEqual(masked(body), created('given', 'tok', 'close'))
})

test('create makes a token of its own, an upper-case UUID', async () => {
  const { body } = await sandbox.create('made')
  assert.match(String(isJsonObject(body) && body['hash']), /^[0-9A-F]{8}-[0-9A-F-]{27}$/)
})

test('create with qrcode waits, and answers with a code', async () => {
  const { status, body } = await sandbox.create('coded', { token: 't', qrcode: true })
  assert.equal(status, 201)
  assert.deepEqual(masked(body), {
    ...created('coded', 't', 'connecting'),
    qrcode: { pairingCode: null, code: '2@', base64: 'data:', count: 1 },
  })
})

test('create repeats the webhook it was given', async () => {
  const webhook = {
    url: 'http://127.0.0.1:9/hook',
    headers: { 'x-secret': 's' },
    byEvents: false,
    base64: false,
    events: [],
  }
  const { body } = await sandbox.create('hooked', { webhook })
  assert.deepEqual(isJsonObject(body) && body['webhook'], {
    webhookUrl: webhook.url,
    webhookHeaders: webhook.headers,
    webhookByEvents: false,
    webhookBase64: false,
  })
})

test('create with a webhook that lists no events is refused and leaves no instance', async () => {
  const { status, body } = await sandbox.create('tripped', { webhook: { url: 'http://127.0.0.1:9/hook' } })
  assert.equal(status, 400)
  assert.deepEqual(body, errorBody(400, ["Cannot read properties of undefined (reading 'length')"]))
  assert.equal((await sandbox.call('GET', '/instance/connectionState/tripped')).status, 404)
})

test('a taken name is told before the key is looked at', async () => {
  await sandbox.create('taken')
  const { status, body } = await sandbox.call(
    'POST',
    '/instance/create',
    { instanceName: 'taken' },
    { apikey: 'wrong' },
  )
  assert.equal(status, 403)
  assert.deepEqual(body, errorBody(403, ['This name "taken" is already in use.']))
})

test('create without the global key is 401', async () => {
  const { status, body } = await sandbox.call('POST', '/instance/create', { instanceName: 'x' }, { apikey: 'tok' })
  assert.equal(status, 401)
  assert.deepEqual(body, errorBody(401, 'Unauthorized'))
})

for (const body of [{}, { instanceName: 'x' }, { instanceName: 'x', integration: 'SMOKE-SIGNALS' }]) {
  test(`create with ${JSON.stringify(body)} is an invalid integration`, async () => {
    const answered = await sandbox.call('POST', '/instance/create', body)
    assert.equal(answered.status, 400)
    assert.deepEqual(answered.body, errorBody(400, ['Invalid integration']))
  })
}
