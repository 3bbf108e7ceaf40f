import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isJsonObject } from './json.ts'
import { eventually, startForTest } from './start-for-test.ts'
import { startWebhookReceiver } from './webhook-receiver.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>

before(async () => {
  receiver = await startWebhookReceiver()
  sandbox = await startForTest()
  const webhook = { url: receiver.url, events: ['MESSAGES_UPSERT'] }
  await sandbox.create('a1', { webhook, number: '5511900000001' })
  await sandbox.create('e1', { webhook, integration: 'EVOLUTION' })
  await sandbox.setState('a1', 'open')
})
after(async () => {
  await sandbox.stop()
  receiver.stop()
})

const reply = (name: string, body: object) => sandbox.call('POST', `/sandbox/instances/${name}/replies`, body)

async function upsertsOf(name: string, count: number): Promise<unknown[]> {
  const list = await eventually(
    () => receiver.of(name),
    (heard) => heard.length >= count,
  )
  return list.map(({ envelope }) => envelope['data'])
}

test('a reply is shown in the chat and told as messages.upsert', async () => {
  const { status, body } = await reply('a1', { number: '5511999991000', text: 'yes' })
  assert.equal(status, 201)
  const view = isJsonObject(body) ? body : {}
  const { keyId, at, ...rest } = view
  assert.match(String(keyId), /^AC[0-9A-F]{30}$/)
  assert.deepEqual(rest, {
    instance: 'a1',
    chat: '5511999991000',
    direction: 'in',
    kind: 'text',
    content: { text: 'yes' },
    status: 'DELIVERY_ACK',
  })
  const [upsert] = await upsertsOf('a1', 1)
  const { instanceId, messageTimestamp, ...told } = isJsonObject(upsert) ? upsert : {}
  assert.match(String(instanceId), /^[0-9a-f-]{36}$/)
  assert.equal(messageTimestamp, Math.floor(Number(at) / 1000))
  assert.deepEqual(told, {
    key: { remoteJid: '5511999991000@s.whatsapp.net', fromMe: false, id: keyId },
    pushName: '5511999991000',
    status: 'DELIVERY_ACK',
    message: { conversation: 'yes' },
    messageType: 'conversation',
    source: 'android',
  })
  const shown = await sandbox.call('GET', '/sandbox/view')
  assert.ok(shown.text.includes(JSON.stringify(view)))
})

test('a reply that quotes names the message and repeats its words', async () => {
  const sent = await sandbox.sendText('a1', '5511999991000', 'Coming?')
  const [, quotedKeyId = ''] = /"id":"(3EB0[0-9A-F]{18})"/.exec(sent.text) ?? []
  const { body } = await reply('a1', { number: '5511999991000', text: 'yes', quotedKeyId })
  assert.deepEqual(isJsonObject(body) && body['quoted'], { keyId: quotedKeyId, text: 'Coming?' })
  const upsert = (await upsertsOf('a1', 2)).at(-1)
  assert.deepEqual(isJsonObject(upsert) && upsert['contextInfo'], {
    stanzaId: quotedKeyId,
    participant: '5511900000001@s.whatsapp.net',
    quotedMessage: { conversation: 'Coming?' },
  })
})

test('the EVOLUTION channel tells a reply without a status', async () => {
  await reply('e1', { number: '5511999991000', text: 'yes' })
  const [upsert] = await upsertsOf('e1', 1)
  const told = isJsonObject(upsert) ? upsert : {}
  assert.deepEqual([told['status'], told['source']], [undefined, 'unknown'])
})

test('a reply needs words, a number, and an instance that is open', async () => {
  assert.equal((await reply('a1', { number: '5511999991000', text: '  ' })).status, 400)
  assert.equal((await reply('a1', { text: 'yes' })).status, 400)
  assert.equal((await reply('nope', { number: '1', text: 'yes' })).status, 404)
  await sandbox.create('closed')
  assert.equal((await reply('closed', { number: '5511999991000', text: 'yes' })).status, 409)
})

test('a foreign page cannot write a reply', async () => {
  const body = { number: '5511999991000', text: 'yes' }
  const { status } = await sandbox.call('POST', '/sandbox/instances/a1/replies', body, {
    origin: 'http://evil.example',
  })
  assert.equal(status, 403)
})
