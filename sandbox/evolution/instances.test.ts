import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorBody, eventually, masked, startForTest } from './start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
})
after(() => sandbox.stop())

const state = (name: string) => sandbox.call('GET', `/instance/connectionState/${name}`)
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

test('connect gives a QR code, the same while it waits, and a scan opens the instance', async () => {
  await sandbox.create('scanned', { number: '5511988887777' })
  assert.deepEqual((await state('scanned')).body, { instance: { instanceName: 'scanned', state: 'close' } })
  const first = await sandbox.call('GET', '/instance/connect/scanned')
  assert.equal(first.status, 200)
  assert.deepEqual(masked(first.body), { pairingCode: null, code: '2@', base64: 'data:', count: 1 })
  assert.deepEqual((await sandbox.call('GET', '/instance/connect/scanned')).body, first.body)
  assert.deepEqual((await state('scanned')).body, { instance: { instanceName: 'scanned', state: 'connecting' } })
  await sandbox.call('POST', '/sandbox/instances/scanned/scan', {})
  const open = { instance: { instanceName: 'scanned', state: 'open' } }
  assert.deepEqual((await state('scanned')).body, open)
  assert.deepEqual((await sandbox.call('GET', '/instance/connect/scanned')).body, open)
  assert.deepEqual((await sandbox.call('POST', '/instance/restart/scanned')).body, open)
})

test('connect with a number gives a pairing code', async () => {
  await sandbox.create('paired')
  const { body } = await sandbox.call('GET', '/instance/connect/paired?number=5511988887777')
  assert.deepEqual(masked(body), { pairingCode: '<code>', code: '2@', base64: 'data:', count: 1 })
})

test('restart of a closed instance is an error under 200, and by PUT no route', async () => {
  await sandbox.create('resting')
  const { status, body } = await sandbox.call('POST', '/instance/restart/resting')
  assert.equal(status, 200)
  assert.deepEqual(body, { error: true, message: '[object Object]' })
  const put = await sandbox.call('PUT', '/instance/restart/resting')
  assert.deepEqual(put.body, errorBody(404, ['Cannot PUT /instance/restart/resting']))
})

test('an instance that is loading is known, has no state, and cannot connect', async () => {
  await sandbox.create('booting')
  await sandbox.setState('booting', 'loading')
  assert.deepEqual((await state('booting')).body, { instance: { instanceName: 'booting' } })
  const { status, body } = await sandbox.call('GET', '/instance/connect/booting')
  assert.equal(status, 200)
  assert.deepEqual(body, { error: true, message: '[object Object]' })
})

test('logout ends the login, and has nothing to end when closed', async () => {
  await sandbox.create('leaving')
  const closed = await sandbox.call('DELETE', '/instance/logout/leaving')
  assert.equal(closed.status, 400)
  assert.deepEqual(closed.body, errorBody(400, ['The "leaving" instance is not connected']))
  await sandbox.setState('leaving', 'open')
  const open = await sandbox.call('DELETE', '/instance/logout/leaving')
  assert.equal(open.status, 200)
  assert.deepEqual(open.body, { status: 'SUCCESS', error: false, response: { message: 'Instance logged out' } })
  assert.deepEqual((await state('leaving')).body, { instance: { instanceName: 'leaving', state: 'close' } })
})

test('delete happens after its answer: the name is taken at once and free a moment later', async () => {
  await sandbox.create('doomed')
  const { status, body } = await sandbox.call('DELETE', '/instance/delete/doomed')
  assert.equal(status, 200)
  assert.deepEqual(body, { status: 'SUCCESS', error: false, response: { message: 'Instance deleted' } })
  assert.equal((await sandbox.call('DELETE', '/instance/delete/doomed')).status, 404)
  await eventually(
    () => state('doomed'),
    (answered) => answered.status === 404,
  )
  assert.equal((await sandbox.create('doomed')).status, 201)
})

test('while an instance is deleted its name is taken and its state is unknown', async () => {
  const slow = await startForTest({ timeScale: 1 })
  try {
    await slow.create('going')
    await slow.call('DELETE', '/instance/delete/going')
    assert.equal((await slow.create('going')).status, 403)
    const { body } = await slow.call('GET', '/instance/connectionState/going')
    assert.deepEqual(body, { instance: { instanceName: 'going' } })
    const sent = await slow.sendText('going', '5511999991000', 'x')
    assert.deepEqual(sent.body, errorBody(500, "Cannot read properties of undefined (reading 'textMessage')"))
  } finally {
    await slow.stop()
  }
})

test('fetchInstances shows all to the global key and its own to a token', async () => {
  await sandbox.create('fetched', { token: 'tok-fetched' })
  const { body } = await sandbox.call('GET', '/instance/fetchInstances', undefined, { apikey: 'tok-fetched' })
  assert.deepEqual(masked(body), [
    {
      id: '<uuid>',
      name: 'fetched',
      connectionStatus: 'close',
      ownerJid: null,
      profileName: null,
      profilePicUrl: null,
      integration: 'WHATSAPP-BAILEYS',
      number: null,
      businessId: null,
      token: 'tok-fetched',
      clientName: 'evolution',
      disconnectionReasonCode: null,
      disconnectionObject: null,
      disconnectionAt: null,
      createdAt: '<time>',
      updatedAt: '<time>',
      Chatwoot: null,
      Proxy: null,
      Rabbitmq: null,
      Nats: null,
      Sqs: null,
      Websocket: null,
      Setting: settings,
      _count: { Message: 0, Contact: 0, Chat: 0 },
    },
  ])
  const all = await sandbox.call('GET', '/instance/fetchInstances')
  assert.ok(Array.isArray(all.body) && all.body.length > 1)
  const nope = await sandbox.call('GET', '/instance/fetchInstances?instanceName=nope')
  assert.equal(nope.status, 404)
  assert.deepEqual(nope.body, errorBody(404, ['Instance "nope" not found']))
  assert.equal((await sandbox.call('GET', '/instance/fetchInstances', undefined, { apikey: 'wrong' })).status, 401)
})

const boom = {
  data: null,
  isBoom: true,
  isServer: false,
  output: {
    statusCode: 428,
    payload: { statusCode: 428, error: 'Precondition Required', message: 'Connection Closed' },
    headers: {},
  },
}
const bare = (message: unknown) => ({ status: 400, error: 'Bad Request', message })

test('whatsappNumbers answers by state, in shapes of its own', async () => {
  const ask = (name: string, body: object) => sandbox.call('POST', `/chat/whatsappNumbers/${name}`, body)
  await sandbox.create('asks')
  const numbers = ['5511999991000', '5511999990404']
  assert.deepEqual((await ask('asks', { numbers })).body, {})
  assert.deepEqual((await ask('asks', {})).body, {})
  await sandbox.setState('asks', 'connecting')
  assert.deepEqual((await ask('asks', { numbers })).body, boom)
  await sandbox.setState('asks', 'open')
  const open = await ask('asks', { numbers })
  assert.equal(open.status, 200)
  assert.deepEqual(open.body, [
    { jid: '5511999991000@s.whatsapp.net', exists: true, number: '5511999991000' },
    { jid: '5511999990404@s.whatsapp.net', exists: false, number: '5511999990404' },
  ])
  assert.deepEqual((await ask('asks', { numbers: [] })).body, bare([['numbers does not meet minimum length of 1']]))
  assert.deepEqual((await ask('asks', { numbers: ['1', '1'] })).body, bare([['numbers contains duplicate item']]))
  assert.deepEqual(
    (await ask('asks', { numbers: [5] })).body,
    bare([['"numbers" must be an array of numeric strings']]),
  )
})

test('with automatic opening, create and connect leave an instance open', async () => {
  const eager = await startForTest({ autoOpen: true })
  try {
    await eager.create('eager')
    const open = { instance: { instanceName: 'eager', state: 'open' } }
    assert.deepEqual((await eager.call('GET', '/instance/connectionState/eager')).body, open)
    await eager.call('DELETE', '/instance/logout/eager')
    assert.deepEqual((await eager.call('GET', '/instance/connect/eager')).body, open)
  } finally {
    await eager.stop()
  }
})
