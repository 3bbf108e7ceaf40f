import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { isJsonObject } from './json.ts'
import { eventually, startForTest } from './start-for-test.ts'
import { startWebhookReceiver } from './webhook-receiver.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>
let url: string

before(async () => {
  sandbox = await startForTest({ timeScale: 0.002 })
  receiver = await startWebhookReceiver()
  url = receiver.url
})
after(async () => {
  await sandbox.stop()
  receiver.stop()
})

const hook = (name: string, fields: object = {}) => ({
  enabled: true,
  url: `${url}/${name}`,
  headers: { 'x-webhook-secret': 'secret' },
  byEvents: false,
  base64: false,
  events: [
    'SEND_MESSAGE',
    'MESSAGES_UPDATE',
    'CONNECTION_UPDATE',
    'QRCODE_UPDATED',
    'STATUS_INSTANCE',
    'LOGOUT_INSTANCE',
  ],
  ...fields,
})
const seen = (name: string) => receiver.of(name)
const eventsOf = (name: string) => seen(name).map(({ envelope }) => String(envelope['event']))
const alphabetically = (a: string, b: string) => a.localeCompare(b)
const set = (name: string, body: object) => sandbox.call('POST', `/webhook/set/${name}`, body)

test('a sent message is told by send.message with the object of the 201, then delivered, then read', async () => {
  await sandbox.create('told', { token: 'tok-told' })
  await sandbox.setState('told', 'open')
  await set('told', { webhook: hook('told') })
  const sent = await sandbox.sendText('told', '5511999991000', 'hi')
  await eventually(
    () => seen('told'),
    (list) => list.length === 3,
  )
  const byStatus = (status: string) =>
    seen('told').find(({ envelope }) => isJsonObject(envelope['data']) && envelope['data']['status'] === status)
  const { date_time, sender, ...envelope } = byStatus('PENDING')?.envelope ?? {}
  assert.deepEqual(envelope, {
    event: 'send.message',
    instance: 'told',
    data: sent.body,
    destination: `${url}/told`,
    server_url: sandbox.url,
    apikey: 'tok-told',
  })
  assert.match(String(date_time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  assert.match(String(sender), /^\d+@s\.whatsapp\.net$/)
  assert.equal(byStatus('PENDING')?.headers['x-webhook-secret'], 'secret')
  const body = isJsonObject(sent.body) ? sent.body : {}
  const read = byStatus('READ')?.envelope['data']
  const { messageId, ...update } = isJsonObject(read) ? read : {}
  assert.deepEqual(update, {
    keyId: isJsonObject(body['key']) && body['key']['id'],
    remoteJid: '5511999991000@s.whatsapp.net',
    fromMe: true,
    status: 'READ',
    instanceId: body['instanceId'],
  })
  assert.match(String(messageId), /^c[a-z0-9]{24}$/)
  assert.ok(byStatus('DELIVERY_ACK'))
})

test('pairing, opening and logging out are told as they happen', async () => {
  await sandbox.create('moods', { webhook: hook('moods') })
  await sandbox.call('GET', '/instance/connect/moods')
  await sandbox.call('POST', '/sandbox/instances/moods/scan', {})
  await sandbox.call('DELETE', '/instance/logout/moods')
  await eventually(
    () => eventsOf('moods'),
    (events) => events.length === 6,
  )
  assert.deepEqual(eventsOf('moods').toSorted(alphabetically), [
    'connection.update',
    'connection.update',
    'connection.update',
    'logout.instance',
    'qrcode.updated',
    'status.instance',
  ])
  const states = seen('moods').flatMap(({ envelope: { data, event } }) =>
    event === 'connection.update' && isJsonObject(data)
      ? [`${String(data['state'])} ${String(data['statusReason'])}`]
      : [],
  )
  assert.deepEqual(states.toSorted(alphabetically), ['close 401', 'connecting 200', 'open 200'])
})

test('an event answered with 503 is posted again, and given up after ten tries', async () => {
  const hasty = await startForTest({ timeScale: 0.0002 })
  try {
    receiver.answers.push(...Array.from({ length: 12 }, () => 503))
    await hasty.create('again', { webhook: hook('again', { events: ['CONNECTION_UPDATE'] }) })
    await hasty.setState('again', 'connecting')
    const stats = async () => (await hasty.call('GET', '/sandbox/stats')).text
    await eventually(stats, (text) => text.includes('"waiting":0,"dropped":1'))
    assert.equal(eventsOf('again').length, 10)
  } finally {
    receiver.answers.length = 0
    await hasty.stop()
  }
})

for (const status of [400, 401, 403, 404, 422]) {
  test(`an event answered with ${status} is not posted again`, async () => {
    const name = `final-${status}`
    const hasty = await startForTest({ timeScale: 0.0002 })
    try {
      await hasty.create(name, { webhook: hook(name, { events: ['CONNECTION_UPDATE'] }) })
      receiver.answers.push(status)
      await hasty.setState(name, 'connecting')
      const stats = async () => (await hasty.call('GET', '/sandbox/stats')).text
      await eventually(stats, (text) => text.includes('"waiting":0,"dropped":1'))
      assert.equal(eventsOf(name).length, 1)
    } finally {
      await hasty.stop()
    }
  })
}

test('a key named jwt_key signs a token instead of being sent', async () => {
  await sandbox.create('signed')
  const webhook = hook('signed', { headers: { jwt_key: 'secret' }, events: ['CONNECTION_UPDATE'] })
  await set('signed', { webhook })
  await sandbox.setState('signed', 'connecting')
  const [post] = await eventually(
    () => seen('signed'),
    (list) => list.length === 1,
  )
  const [kind, token = ''] = String(post?.headers['authorization']).split(' ')
  const [head = '', claims = '', signature] = token.split('.')
  assert.equal(kind, 'Bearer')
  assert.equal(signature, createHmac('sha256', 'secret').update(`${head}.${claims}`).digest('base64url'))
  const { iat, exp, ...rest } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  assert.equal(exp - iat, 600)
  assert.deepEqual(rest, { app: 'evolution', action: 'webhook' })
  assert.equal(post?.headers['jwt_key'], undefined)
})

test('byEvents appends the event to the address, and an empty list of events means all', async () => {
  await sandbox.create('split', { webhook: hook('split', { byEvents: true, events: [] }) })
  await sandbox.setState('split', 'open')
  await eventually(
    () => seen('split'),
    (list) => list.length === 3,
  )
  assert.deepEqual([...new Set(seen('split').map(({ path }) => path))].toSorted(alphabetically), [
    '/split/connection-update',
    '/split/instance-create',
  ])
})

test('a receiver that wants another protocol is given up like any other', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const quick = await startForTest({ timeScale: 0 })
  try {
    await quick.create('upgraded', { integration: 'EVOLUTION' })
    const webhook = { enabled: true, url: `http://127.0.0.1:${port}`, events: ['SEND_MESSAGE'] }
    await quick.call('POST', '/webhook/set/upgraded', { webhook })
    await quick.sendText('upgraded', '5511999991000', 'hi')
    const stats = async () => (await quick.call('GET', '/sandbox/stats')).text
    await eventually(stats, (text) => text.includes('"waiting":0,"dropped":1'))
  } finally {
    await quick.stop()
  }
})
