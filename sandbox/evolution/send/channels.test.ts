import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isJsonObject } from '../json.ts'
import { maskedText, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  await sandbox.create('e1', { integration: 'EVOLUTION' })
  await sandbox.create('b1', { integration: 'WHATSAPP-BUSINESS', token: 'tok-b1', number: '5511900000009' })
  await sandbox.create('a1')
  await sandbox.setState('a1', 'open')
})
after(() => sandbox.stop())

async function journal(): Promise<unknown[]> {
  const { body } = await sandbox.call('GET', '/sandbox/messages?limit=10000')
  return isJsonObject(body) && Array.isArray(body['data']) ? body['data'] : []
}

const evolutionSent = (number: string, text: string) =>
  `{"key":{"fromMe":true,"id":"<uuid>","remoteJid":"${number}"},"message":{"conversation":"${text}"},` +
  '"messageType":"conversation","messageTimestamp":<ts>,"source":"unknown","instanceId":"<uuid>"}'

const businessSent =
  '{"key":{"fromMe":true,"id":"<wamid>","remoteJid":"5511999999999@s.whatsapp.net"},"message":{"conversation":"hi"},' +
  '"messageType":"conversation","messageTimestamp":<ts>,"instanceId":"<uuid>","status":"PENDING","source":"unknown"}'

const badRequest = (message: string) => `{"status":400,"error":"Bad Request","response":{"message":${message}}}`

const ROWS: readonly Readonly<{
  instance: string
  number: string
  text: string
  status: number
  body: string
  /** How many messages it sends. */
  leaves: 0 | 1
}>[] = [
  {
    instance: 'e1',
    number: '5511999999999',
    text: 'hi',
    status: 201,
    body: evolutionSent('5511999999999', 'hi'),
    leaves: 1,
  },
  { instance: 'e1', number: 'anything', text: '', status: 201, body: evolutionSent('anything', ''), leaves: 1 },
  { instance: 'b1', number: '5511999999999', text: 'hi', status: 201, body: businessSent, leaves: 1 },
  {
    instance: 'b1',
    number: '5511999990404',
    text: 'hi',
    status: 201,
    body: '{"message":"(#131030) Recipient phone number not in allowed list","type":"OAuthException","code":131030,"fbtrace_id":"x"}',
    leaves: 0,
  },
  {
    instance: 'b1',
    number: '5511999990401',
    text: 'hi',
    status: 201,
    body: '{"message":"Error validating access token: The session is invalid because the user logged out.","type":"OAuthException","code":190,"fbtrace_id":"x"}',
    leaves: 0,
  },
  {
    instance: 'b1',
    number: '5511999990503',
    text: 'hi',
    status: 400,
    body: badRequest('["TypeError: Cannot read properties of undefined (reading \'message\')"]'),
    leaves: 0,
  },
]

for (const { instance, number, text, status, body, leaves } of ROWS) {
  test(`sendText "${text}" through ${instance} to ${number} answers ${status}`, async () => {
    const earlier = (await journal()).length
    const answered = await sandbox.sendText(instance, number, text)
    assert.equal(maskedText(answered.text), body)
    assert.equal(answered.status, status)
    assert.equal((await journal()).length - earlier, leaves)
  })
}

for (const instance of ['e1', 'b1']) {
  test(`with the database down a text through ${instance} is 400 with Prisma's words, although it left`, async () => {
    await sandbox.call('POST', '/sandbox/database', { down: true })
    const earlier = (await journal()).length
    const answered = await sandbox.sendText(instance, '5511999999999', 'hi')
    await sandbox.call('POST', '/sandbox/database', { down: false })
    assert.equal(answered.status, 400)
    assert.match(answered.text, /^\{"status":400,"error":"Bad Request","response":\{"message":\["PrismaClient/)
    assert.equal((await journal()).length - earlier, 1)
  })

  test(`a text with U+0000 through ${instance} is 400, although it left`, async () => {
    const answered = await sandbox.sendText(instance, '5511999999999', 'a\0b')
    assert.equal(answered.status, 400)
    assert.match(answered.text, /"message":\["DriverAdapterError: /)
  })
}

test('with the database down a text through the Baileys channel is 500, and nothing left', async () => {
  await sandbox.call('POST', '/sandbox/database', { down: true })
  const earlier = (await journal()).length
  const answered = await sandbox.sendText('a1', '5511999999999', 'hi')
  await sandbox.call('POST', '/sandbox/database', { down: false })
  assert.equal(answered.status, 500)
  assert.match(answered.text, /"message":"\\nInvalid `this\.prismaRepository\.contact\.findMany\(\)` invocation in/)
  assert.equal((await journal()).length, earlier)
})

const LACKING: readonly (readonly [string, string, object, string])[] = [
  ['e1', 'sendLocation', { latitude: 1, longitude: 2, name: 'x', address: 'y' }, 'Evolution Channel'],
  ['e1', 'sendPoll', { name: 'x', selectableCount: 1, values: ['a', 'b'] }, 'Evolution Channel'],
  ['e1', 'sendTemplate', { name: 'x', language: 'en' }, 'Evolution Channel'],
  ['b1', 'sendPoll', { name: 'x', selectableCount: 1, values: ['a', 'b'] }, 'WhatsApp Business API'],
  ['b1', 'sendSticker', { sticker: 'AAAA' }, 'WhatsApp Business API'],
]

for (const [instance, route, fields, channel] of LACKING) {
  test(`${route} through ${instance} says that the channel does not have it`, async () => {
    const answered = await sandbox.send(route, instance, { number: '5511999999999', ...fields })
    assert.equal(answered.text, badRequest(`["Method not available on ${channel}"]`))
  })
}

test('the EVOLUTION channel answers a file by its address, and buttons as they came', async () => {
  const file = await sandbox.send('sendMedia', 'e1', { number: '1', mediatype: 'image', media: 'aGVsbG8=' })
  assert.ok(maskedText(file.text).includes('"message":{"mediaUrl":null},"messageType":"imageMessage"'), file.text)
  const buttons = await sandbox.send('sendButtons', 'e1', { number: '1', title: 'x', buttons: [{ type: 'reply' }] })
  assert.ok(buttons.text.includes('"message":{"title":"x","buttons":[{"type":"reply"}]},"messageType":"buttonMessage"'))
})

test('a template over Baileys is 500', async () => {
  const answered = await sandbox.send('sendTemplate', 'a1', { number: '5511999999999', name: 'x', language: 'en' })
  assert.equal(answered.status, 500)
})
