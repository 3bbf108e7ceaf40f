import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorBody, startForTest } from './start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  for (const name of ['open', 'never', 'connecting', 'closed', 'loading']) await sandbox.create(name)
  await sandbox.setState('open', 'open')
  await sandbox.setState('connecting', 'connecting')
  await sandbox.setState('loading', 'loading')
  await sandbox.setState('closed', 'open')
  await sandbox.sendText('closed', CACHED, 'fills the cache')
  await sandbox.setState('closed', 'close')
})
after(() => sandbox.stop())

const CACHED = '5511999995000'
const NOT_CACHED = '5511999996000'
const faults = (...messages: string[]) => errorBody(400, [messages])

const BODIES: readonly Readonly<{ body: unknown; answer: unknown }>[] = [
  { body: {}, answer: faults('instance requires property "number"', 'instance requires property "text"') },
  { body: { text: 'x' }, answer: faults('instance requires property "number"') },
  { body: { number: '1' }, answer: faults('instance requires property "text"') },
  { body: { number: '1', textMessage: { text: 'x' } }, answer: faults('instance requires property "text"') },
  { body: { number: CACHED, text: '' }, answer: errorBody(400, ['Text is required']) },
  { body: { number: CACHED, text: '  \n' }, answer: errorBody(400, ['Text is required']) },
  { body: { number: 55, text: 'x' }, answer: faults('Invalid format') },
  { body: { number: null, text: 'x' }, answer: faults('Invalid format') },
  { body: { number: '1', text: 5 }, answer: faults('text is not of a type(s) string') },
  { body: { number: null, text: null }, answer: faults('Invalid format', 'text is not of a type(s) string') },
  { body: { number: '1', text: 'x', delay: '1200' }, answer: faults('Enter a value in milliseconds') },
  { body: { number: '1', text: 'x', delay: 1.5 }, answer: faults('Enter a value in milliseconds') },
  { body: { number: '1', text: 'x', linkPreview: 'yes' }, answer: faults('linkPreview is not of a type(s) boolean') },
  { body: { number: '1', text: 'x', mentioned: [] }, answer: faults('mentioned does not meet minimum length of 1') },
  {
    body: { number: '1', text: 'x', mentioned: ['abc'] },
    answer: faults('"mentioned" must be an array of numeric strings'),
  },
  { body: { number: '1', text: 'x', quoted: { key: {} } }, answer: faults('quoted.key requires property "id"') },
]

for (const { body, answer } of BODIES) {
  test(`sendText refuses the body ${JSON.stringify(body)}`, async () => {
    const answered = await sandbox.call('POST', '/message/sendText/open', body)
    assert.equal(answered.status, 400)
    assert.deepEqual(answered.body, answer)
  })
}

test('sendText accepts a negative delay and unknown fields', async () => {
  const answered = await sandbox.sendText('open', CACHED, 'x', { delay: -5, anything: true })
  assert.equal(answered.status, 201)
})

const noSendMessage = errorBody(400, ["TypeError: Cannot read properties of undefined (reading 'sendMessage')"])
const emptyUser =
  'Error: JID decoded but user is empty: "@s.whatsapp.net" -> user: "", server: "s.whatsapp.net", device: undefined'

const STATES: readonly Readonly<{ instance: string; number: string; answer: ReturnType<typeof errorBody> }>[] = [
  {
    instance: 'never',
    number: NOT_CACHED,
    answer: errorBody(500, "Cannot read properties of undefined (reading 'onWhatsApp')"),
  },
  { instance: 'never', number: '120363000000000000@g.us', answer: errorBody(400, ['[object Object]']) },
  { instance: 'never', number: '123456789@lid', answer: noSendMessage },
  { instance: 'never', number: 'status@broadcast', answer: noSendMessage },
  { instance: 'never', number: CACHED, answer: noSendMessage },
  {
    instance: 'loading',
    number: NOT_CACHED,
    answer: errorBody(500, "Cannot read properties of undefined (reading 'textMessage')"),
  },
  { instance: 'connecting', number: NOT_CACHED, answer: errorBody(500, 'Connection Closed') },
  { instance: 'closed', number: CACHED, answer: errorBody(400, ['Error: Connection Closed']) },
  { instance: 'closed', number: NOT_CACHED, answer: errorBody(500, 'Connection Closed') },
  { instance: 'open', number: '120363000000000000@g.us', answer: errorBody(400, ['[object Object]']) },
  { instance: 'open', number: 'abc', answer: errorBody(400, [emptyUser]) },
  { instance: 'open', number: '', answer: errorBody(400, [emptyUser]) },
  {
    instance: 'open',
    number: '5511999990404',
    answer: errorBody(400, [{ jid: '5511999990404@s.whatsapp.net', exists: false, number: '5511999990404' }]),
  },
  {
    instance: 'open',
    number: '5511999990408',
    answer: errorBody(500, "Cannot read properties of undefined (reading 'find')"),
  },
]

for (const { instance, number, answer } of STATES) {
  test(`sendText through ${instance} to "${number}" answers ${answer.status} ${JSON.stringify(answer.response)}`, async () => {
    const answered = await sandbox.sendText(instance, number, 'x')
    assert.equal(answered.status, answer.status)
    assert.deepEqual(answered.body, answer)
  })
}

test('sendText answers 201 with the recorded body', async () => {
  const { status, body } = await sandbox.sendText('open', '5511999991000', 'hi')
  assert.equal(status, 201)
  const text = JSON.stringify(body)
    .replace(/"id":"3EB0[0-9A-F]{18}"/, '"id":"<id>"')
    .replace(/"low":\d{10}/, '"low":0')
    .replace(/"messageTimestamp":\d{10}/, '"messageTimestamp":0')
    .replace(/"instanceId":"[0-9a-f-]{36}"/, '"instanceId":"<uuid>"')
  assert.equal(
    text,
    '{"key":{"remoteJid":"5511999991000@s.whatsapp.net","fromMe":true,"id":"<id>"},"pushName":"Você","status":"PENDING",' +
      '"message":{"conversation":"hi"},"contextInfo":{"mentionedJid":[],"groupMentions":[],"ephemeralSettingTimestamp":' +
      '{"low":0,"high":0,"unsigned":false},"disappearingMode":{"initiator":0}},"messageType":"conversation",' +
      '"messageTimestamp":0,"instanceId":"<uuid>","source":"web"}',
  )
})

test('the EVOLUTION channel answers 201 to anything, in its own shape', async () => {
  await sandbox.create('e1', { integration: 'EVOLUTION' })
  const { status, body } = await sandbox.sendText('e1', '5511999999999', '')
  assert.equal(status, 201)
  const text = JSON.stringify(body)
    .replace(/"[0-9a-f]{8}-[0-9a-f-]{27}"/g, '"<uuid>"')
    .replace(/"messageTimestamp":\d{10}/, '"messageTimestamp":0')
  assert.equal(
    text,
    '{"key":{"fromMe":true,"id":"<uuid>","remoteJid":"5511999999999"},"message":{"conversation":""},' +
      '"messageType":"conversation","messageTimestamp":0,"source":"unknown","instanceId":"<uuid>"}',
  )
})

const ADDRESSES = [
  ['+55 (11) 99999-1000', '5511999991000@s.whatsapp.net'],
  ['551199991000', '5511999991000@s.whatsapp.net'],
  ['5531988881000', '553188881000@s.whatsapp.net'],
  ['5511988883000', '5511988883000@s.whatsapp.net'],
] as const

for (const [number, jid] of ADDRESSES) {
  test(`sendText to ${number} goes to ${jid}`, async () => {
    await sandbox.sendText('open', '5511999991000', 'fills the cache')
    const { status, body } = await sandbox.sendText('open', number, 'x')
    assert.equal(status, 201)
    assert.match(JSON.stringify(body), new RegExp(`"remoteJid":"${jid}"`))
  })
}
