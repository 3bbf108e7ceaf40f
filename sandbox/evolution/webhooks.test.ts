import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { isJsonObject, type JsonObject } from './json.ts'
import { errorBody, eventually, startForTest } from './start-for-test.ts'

type Received = Readonly<{ path: string; secret: unknown; envelope: JsonObject }>

const received: Received[] = []
const answers: number[] = []
const receiver = createServer((req, res) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk))
  req.on('end', () => {
    const envelope: unknown = JSON.parse(Buffer.concat(chunks).toString())
    received.push({
      path: req.url ?? '',
      secret: req.headers['x-webhook-secret'],
      envelope: isJsonObject(envelope) ? envelope : {},
    })
    res.writeHead(answers.shift() ?? 200).end()
  })
})
let sandbox: Awaited<ReturnType<typeof startForTest>>
let url: string

before(async () => {
  sandbox = await startForTest({ timeScale: 0.002 })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
after(async () => {
  await sandbox.stop()
  receiver.closeAllConnections()
  receiver.close()
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
const seen = (name: string) => received.filter(({ envelope }) => envelope['instance'] === name)
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
  assert.equal(byStatus('PENDING')?.secret, 'secret')
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

test('an event is posted again after 503, and never after 404', async () => {
  await sandbox.create('again', { webhook: hook('again', { events: ['CONNECTION_UPDATE'] }) })
  answers.push(503, 503)
  await sandbox.setState('again', 'connecting')
  await eventually(
    () => eventsOf('again'),
    (events) => events.length === 3,
  )
  await sandbox.create('final', { webhook: hook('final', { events: ['CONNECTION_UPDATE'] }) })
  answers.push(404)
  await sandbox.setState('final', 'connecting')
  const idle = async () => (await sandbox.call('GET', '/sandbox/stats')).body
  await eventually(
    idle,
    (stats) => isJsonObject(stats) && isJsonObject(stats['webhooks']) && stats['webhooks']['waiting'] === 0,
  )
  assert.equal(eventsOf('final').length, 1)
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

test('a webhook that is set can be found again, and one never set is null', async () => {
  await sandbox.create('kept')
  assert.equal((await sandbox.call('GET', '/webhook/find/kept')).body, null)
  const webhook = hook('kept', { events: ['SEND_MESSAGE'] })
  const answered = await set('kept', { webhook })
  assert.equal(answered.status, 201)
  const { id, createdAt, updatedAt, instanceId, ...rest } = isJsonObject(answered.body) ? answered.body : {}
  assert.ok(id && createdAt && updatedAt && instanceId)
  assert.deepEqual(rest, {
    url: webhook.url,
    headers: webhook.headers,
    enabled: true,
    events: ['SEND_MESSAGE'],
    webhookByEvents: false,
    webhookBase64: false,
  })
  assert.deepEqual((await sandbox.call('GET', '/webhook/find/kept')).body, answered.body)
})

const REFUSED: readonly Readonly<{ body: object; status: number; message: unknown }>[] = [
  { body: {}, status: 400, message: [['instance requires property "webhook"']] },
  { body: { enabled: true, url: 'http://x' }, status: 400, message: [['instance requires property "webhook"']] },
  { body: { webhook: { enabled: true, events: [] } }, status: 400, message: [['webhook requires property "url"']] },
  {
    body: { webhook: { enabled: true, url: 'http://127.0.0.1:9/' } },
    status: 500,
    message: "Cannot read properties of undefined (reading 'length')",
  },
]

for (const { body, status, message } of REFUSED) {
  test(`webhook/set refuses ${JSON.stringify(body)}`, async () => {
    await sandbox.create('refused')
    const answered = await set('refused', body)
    assert.equal(answered.status, status)
    assert.deepEqual(answered.body, errorBody(status, message))
  })
}

test('webhook/set names the events it knows when it meets one it does not', async () => {
  await sandbox.create('refused')
  const { status, body } = await set('refused', { webhook: hook('refused', { events: ['NOPE'] }) })
  assert.equal(status, 400)
  assert.match(
    JSON.stringify(body),
    /"message":\[\["webhook\.events\[0\] is not one of enum values: APPLICATION_STARTUP,QRCODE_UPDATED,.*,STATUS_INSTANCE"\]\]/,
  )
})
