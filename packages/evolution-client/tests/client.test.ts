import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEvolutionClient, type EvolutionClient } from '../src/index.ts'
import { answerJson, type FakeServer, startServer } from './server.ts'

const A1 = { instance: 'a1', apiKey: 'tok-a1' }
const TEXT = { type: 'text', content: { text: 'hi' } } as const
const MESSAGE = { ...A1, number: '5511999991000', message: TEXT }
const SENT = { key: { id: '3EB06A68F0F0844729FDAB', remoteJid: '5511999991000@s.whatsapp.net' } }

/** A server with one answer per path start; what is not told is 404. */
function startRoutes(routes: Readonly<Record<string, readonly [number, unknown]>>): Promise<FakeServer> {
  return startServer((response, { url }) => {
    const found = Object.entries(routes).find(([start]) => url.startsWith(start))
    const [status, body] = found?.[1] ?? [404, { status: 404, error: 'Not Found', response: { message: ['no such'] } }]
    answerJson(response, status, body)
  })
}

function clientOf(server: FakeServer, path = ''): EvolutionClient {
  return createEvolutionClient({ baseUrl: server.url + path, globalKey: 'global', connections: 2 })
}

function m(status: number, message: unknown): readonly [number, unknown] {
  return [status, { status, error: status === 500 ? 'Internal Server Error' : 'Bad Request', response: { message } }]
}

test('a text is sent once, with the key of the instance and without U+0000', async () => {
  await using server = await startRoutes({ '/message/sendText/a1': [201, SENT] })
  const result = await clientOf(server).send({
    ...MESSAGE,
    message: { type: 'text', content: { text: 'h\u0000i\u0000' } },
  })
  assert.deepEqual(result, { kind: 'sent', providerMessageId: SENT.key.id, remoteJid: SENT.key.remoteJid })
  assert.equal(server.seen.length, 1)
  const [{ method, url, headers, body } = assert.fail()] = server.seen
  assert.deepEqual([method, url, headers['apikey']], ['POST', '/message/sendText/a1', 'tok-a1'])
  assert.match(headers['content-type'] ?? '', /^application\/json$/)
  assert.deepEqual(JSON.parse(body), { number: '5511999991000', text: 'hi' })
})

test('a key that was read from a file with its line break opens the instance', async () => {
  await using server = await startRoutes({ '/message/sendText/a1': [201, SENT] })
  assert.equal((await clientOf(server).send({ ...MESSAGE, apiKey: 'tok-a1\r\n' })).kind, 'sent')
  assert.equal(server.seen[0]?.headers['apikey'], 'tok-a1')
})

test('a client that is abandoned breaks off what is open, and nobody knows whether that message left', async () => {
  const asked = Promise.withResolvers<void>()
  await using server = await startServer(() => asked.resolve())
  const client = clientOf(server)
  const sending = client.send(MESSAGE)
  await asked.promise
  await client.abandon()
  const result = await sending
  assert.equal(result.kind === 'failed' && result.failure.kind, 'ambiguous')
})

test('a path of the address is kept, its query is not', async () => {
  await using server = await startRoutes({ '/evo/message/sendText/a1': [201, SENT] })
  assert.equal((await clientOf(server, '/evo/?instanceName=b1').send(MESSAGE)).kind, 'sent')
  assert.equal(server.seen[0]?.url, '/evo/message/sendText/a1')
})

test('no instance name reaches another path', async () => {
  await using server = await startServer((response) => answerJson(response, 201, SENT))
  const client = clientOf(server)
  for (const instance of ['../instance/delete/x', '..', '%2e%2e%2f', 'a?b#c', 'a\r\nX: y', 'a1?instanceName=zzz']) {
    await client.send({ ...MESSAGE, instance })
    await client.deleteInstance({ ...A1, instance })
    await client.createInstance({ name: instance, token: 't' })
  }
  for (const { url, headers } of server.seen) {
    assert.match(url, /^\/(message\/sendText|instance\/delete)\/[^/?#]+$|^\/instance\/create$/)
    assert.equal(headers['x'], undefined)
  }
})

test('unknown words lead to one question for the state, with the key of the instance', async () => {
  await using server = await startRoutes({
    '/message/sendText': m(500, 'new words'),
    '/instance/connectionState/a1': [200, { instance: { instanceName: 'a1', state: 'connecting' } }],
  })
  const result = await clientOf(server).send(MESSAGE)
  assert.partialDeepStrictEqual(result, { failure: { kind: 'instance-down', code: 'instance-not-open' } })
  assert.deepEqual(
    server.seen.map(({ url, headers }) => [url, headers['apikey']]),
    [
      ['/message/sendText/a1', 'tok-a1'],
      ['/instance/connectionState/a1', 'tok-a1'],
    ],
  )
})

test('when the state cannot be had either, 500 is transient and 400 ambiguous', async () => {
  for (const [status, kind] of [
    [500, 'transient'],
    [400, 'ambiguous'],
  ] as const) {
    await using server = await startRoutes({ '/message/sendText': m(status, ['[object Object]']) })
    assert.partialDeepStrictEqual(await clientOf(server).send(MESSAGE), { failure: { kind } })
  }
})

test('known words lead to no further request', async () => {
  await using server = await startRoutes({ '/message/sendText': m(500, 'rate-overlimit') })
  assert.partialDeepStrictEqual(await clientOf(server).send(MESSAGE), {
    failure: { kind: 'rate-limited', code: 'whatsapp-rate-limit', retryAfterMs: 60_000, httpStatus: 500 },
  })
  assert.equal(server.seen.length, 1)
})

test('the state is read, and an instance without one is loading', async () => {
  const states = [
    ['open', 'open'],
    ['connecting', 'connecting'],
    ['close', 'close'],
    ['refused', 'close'],
    [undefined, 'loading'],
  ] as const
  for (const [state, expected] of states) {
    await using server = await startRoutes({ '/instance/connectionState/a1': [200, { instance: { state } }] })
    assert.deepEqual(await clientOf(server).connectionState(A1), { state: expected })
  }
})

test('an instance is created with the global key, its token and a webhook that names its events', async () => {
  await using server = await startRoutes({
    '/instance/create': [201, { instance: { instanceName: 'a1', instanceId: 'u1', status: 'close' }, hash: 'tok-a1' }],
  })
  const webhook = { url: 'http://api/v1/evolution/events', secret: 'id.random' }
  const created = await clientOf(server).createInstance({
    name: 'a1',
    token: 'tok-a1',
    number: '5511999991000',
    webhook,
  })
  assert.deepEqual(created, { token: 'tok-a1', evolutionId: 'u1', state: 'close' })
  assert.equal(server.seen[0]?.headers['apikey'], 'global')
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), {
    instanceName: 'a1',
    integration: 'WHATSAPP-BAILEYS',
    qrcode: false,
    token: 'tok-a1',
    number: '5511999991000',
    webhook: {
      enabled: true,
      url: webhook.url,
      headers: { 'x-webhook-secret': 'id.random' },
      byEvents: false,
      base64: false,
      events: [
        'SEND_MESSAGE',
        'MESSAGES_UPSERT',
        'MESSAGES_UPDATE',
        'MESSAGES_DELETE',
        'CONNECTION_UPDATE',
        'STATUS_INSTANCE',
        'QRCODE_UPDATED',
        'LOGOUT_INSTANCE',
      ],
    },
  })
})

test('a taken name is told apart', async () => {
  await using server = await startRoutes({ '/instance/create': m(403, ['This name "a1" is already in use.']) })
  assert.partialDeepStrictEqual(await clientOf(server).createInstance({ name: 'a1', token: 't' }), {
    failure: { kind: 'configuration', code: 'name-in-use' },
  })
})

test('connect tells an open instance, a QR code, a code that is not there yet, and an error under 200', async () => {
  const png = 'data:image/png;base64,AAAA'
  const cases = [
    [{ instance: { instanceName: 'a1', state: 'open' } }, { state: 'open' }],
    [
      { pairingCode: null, code: '2@x', base64: png, count: 1 },
      { state: 'connecting', qr: { code: '2@x', png } },
    ],
    [
      { pairingCode: 'MJFHKPS6', count: 1 },
      { state: 'connecting', pairingCode: 'MJFHKPS6' },
    ],
    [{ count: 0 }, { state: 'connecting' }],
  ] as const
  for (const [body, expected] of cases) {
    await using server = await startRoutes({ '/instance/connect/a1': [200, body] })
    assert.deepEqual(await clientOf(server).connect({ ...A1, number: '55 11&x=1' }), expected)
    assert.equal(server.seen[0]?.url, '/instance/connect/a1?number=55%2011%26x%3D1')
  }
  await using server = await startRoutes({ '/instance/connect/a1': [200, { error: true, message: '[object Object]' }] })
  assert.partialDeepStrictEqual(await clientOf(server).connect(A1), {
    failure: { kind: 'instance-down', code: 'instance-loading' },
  })
})

test('logout and delete use DELETE and tell success from failure', async () => {
  const success = { status: 'SUCCESS', error: false, response: { message: 'Instance logged out' } }
  await using server = await startRoutes({
    '/instance/logout/a1': [200, success],
    '/instance/delete/a1': [200, success],
    '/instance/logout/b1': m(400, ['The "b1" instance is not connected']),
    '/instance/delete/b1': m(404, ['The "b1" instance does not exist']),
  })
  const client = clientOf(server)
  assert.deepEqual(await client.logout(A1), { done: true })
  assert.deepEqual(await client.deleteInstance(A1), { done: true })
  assert.ok(server.seen.every(({ method }) => method === 'DELETE'))
  const b1 = { ...A1, instance: 'b1' }
  assert.partialDeepStrictEqual(await client.logout(b1), { failure: { code: 'instance-disconnected' } })
  assert.partialDeepStrictEqual(await client.deleteInstance(b1), { failure: { code: 'instance-missing' } })
})

test('a restart is told apart: connected, to be scanned again, and refused under 200', async () => {
  await using server = await startRoutes({
    '/instance/restart/a1': [200, { instance: { instanceName: 'a1', state: 'open' } }],
    '/instance/restart/b1': [200, { count: 0 }],
    '/instance/restart/c1': [200, { error: true, message: '[object Object]' }],
  })
  const client = clientOf(server)
  assert.deepEqual(await client.restart(A1), { state: 'open' })
  assert.deepEqual(await client.restart({ ...A1, instance: 'b1' }), { state: 'connecting' })
  assert.partialDeepStrictEqual(await client.restart({ ...A1, instance: 'c1' }), { failure: { kind: 'instance-down' } })
  assert.ok(server.seen.every(({ method }) => method === 'POST'))
})

test('a webhook is set and found', async () => {
  const stored = { url: 'http://api/e', headers: { 'x-webhook-secret': 's' }, enabled: true, events: ['SEND_MESSAGE'] }
  await using server = await startRoutes({
    '/webhook/set/a1': [201, { id: 'c', ...stored }],
    '/webhook/find/a1': [200, stored],
    '/webhook/find/b1': [200, null],
  })
  const client = clientOf(server)
  assert.deepEqual(await client.setWebhook({ ...A1, url: 'http://api/e', secret: 's' }), { done: true })
  assert.deepEqual(await client.findWebhook(A1), {
    webhook: { url: 'http://api/e', secret: 's', isEnabled: true, events: ['SEND_MESSAGE'] },
  })
  assert.deepEqual(await client.findWebhook({ ...A1, instance: 'b1' }), { webhook: undefined })
})

test('a webhook that is to end is switched off, its address and secret with it', async () => {
  await using server = await startRoutes({ '/webhook/set/a1': [201, { id: 'c', enabled: false }] })
  assert.deepEqual(await clientOf(server).unsetWebhook(A1), { done: true })
  const webhook = { enabled: false, url: '', headers: {}, events: [] }
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), { webhook })
})

test('a registered instance is found by its exact name, and none is no failure', async () => {
  const entry = {
    id: 'u',
    name: 'a1',
    token: 'tok',
    ownerJid: null,
    connectionStatus: 'close',
    integration: 'WHATSAPP-BAILEYS',
  }
  await using server = await startRoutes({
    '/instance/fetchInstances?instanceName=a1': [200, [{ ...entry, name: 'other' }, entry]],
    '/instance/fetchInstances': m(404, ['Instance "nope" not found']),
  })
  const client = clientOf(server)
  assert.deepEqual(await client.fetchInstance({ name: 'a1' }), {
    instance: {
      name: 'a1',
      evolutionId: 'u',
      token: 'tok',
      ownerJid: undefined,
      connectionStatus: 'close',
      integration: 'WHATSAPP-BAILEYS',
    },
  })
  assert.deepEqual(await client.fetchInstance({ name: 'nope' }), { instance: undefined })
  assert.ok(server.seen.every(({ headers }) => headers['apikey'] === 'global'))
})

test('numbers are checked, and the check has failures of its own', async () => {
  const jid = '5511999991000@s.whatsapp.net'
  await using server = await startRoutes({
    '/chat/whatsappNumbers/a1': [200, [{ jid, exists: true, number: '5511999991000' }]],
    '/chat/whatsappNumbers/b1': [400, {}],
  })
  const client = clientOf(server)
  const numbers = ['5511999991000', '5511999991000']
  assert.deepEqual(await client.whatsappNumbers({ ...A1, numbers }), {
    numbers: [{ number: '5511999991000', jid, exists: true }],
  })
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), { numbers: ['5511999991000'] })
  assert.partialDeepStrictEqual(await client.whatsappNumbers({ ...A1, instance: 'b1', numbers }), {
    failure: { kind: 'instance-down' },
  })
})

test("a message's receipts are asked for by its own id, and only words about it are taken", async () => {
  const row = { remoteJid: SENT.key.remoteJid, fromMe: true, participant: null }
  await using server = await startRoutes({
    '/chat/findStatusMessage/a1': [
      200,
      [
        { ...row, keyId: 'K1', status: 'DELIVERY_ACK' },
        { ...row, keyId: 'K1', status: 'READ' },
        { ...row, keyId: 'K2', status: 'ERROR' },
        { ...row, keyId: 'K1' },
        null,
      ],
    ],
    '/chat/findStatusMessage/b1': [200, { error: true }],
  })
  const client = clientOf(server)
  assert.deepEqual(await client.findStatus({ ...A1, providerMessageId: 'K1' }), { statuses: ['DELIVERY_ACK', 'READ'] })
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), { where: { id: 'K1' } })
  assert.ok('failure' in (await client.findStatus({ ...A1, instance: 'b1', providerMessageId: 'K1' })))
})
