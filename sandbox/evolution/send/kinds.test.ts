import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isJsonObject, type JsonObject } from '../json.ts'
import { startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest({ autoOpen: true })
  await sandbox.create('a1')
})
after(() => sandbox.stop())

const number = '5511999991000'
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const key = { remoteJid: `${number}@s.whatsapp.net`, fromMe: true, id: '3EB0AAAAAAAAAAAAAAAAAA' }
const rows = [{ title: 'Small', description: '30 cm', rowId: 's' }]

const KINDS: readonly Readonly<{
  route: string
  body: JsonObject
  kind: string
  /** Without the file, if there is one. */
  content: JsonObject
  messageType: string
}>[] = [
  {
    route: 'sendText',
    body: { number, text: 'see https://example.org' },
    kind: 'text',
    content: { text: 'see https://example.org', preview: { url: 'https://example.org' } },
    messageType: 'conversation',
  },
  {
    route: 'sendMedia',
    body: { number, mediatype: 'image', media: PNG, caption: 'a dot' },
    kind: 'image',
    content: { caption: 'a dot' },
    messageType: 'imageMessage',
  },
  {
    route: 'sendMedia',
    body: { number, mediatype: 'video', media: 'AAAA' },
    kind: 'video',
    content: {},
    messageType: 'videoMessage',
  },
  {
    route: 'sendMedia',
    body: { number, mediatype: 'audio', media: 'AAAA' },
    kind: 'audio',
    content: {},
    messageType: 'audioMessage',
  },
  {
    route: 'sendMedia',
    body: { number, mediatype: 'document', media: 'AAAA', fileName: 'bill.pdf', caption: 'yours' },
    kind: 'document',
    content: { fileName: 'bill.pdf', caption: 'yours' },
    messageType: 'documentMessage',
  },
  {
    route: 'sendWhatsAppAudio',
    body: { number, audio: 'AAAA' },
    kind: 'voice',
    content: {},
    messageType: 'audioMessage',
  },
  { route: 'sendSticker', body: { number, sticker: PNG }, kind: 'sticker', content: {}, messageType: 'stickerMessage' },
  { route: 'sendPtv', body: { number, video: 'AAAA' }, kind: 'round-video', content: {}, messageType: 'ptvMessage' },
  {
    route: 'sendLocation',
    body: { number, latitude: -23.5, longitude: -46.6, name: 'Office', address: 'Rua A, 1' },
    kind: 'location',
    content: { latitude: -23.5, longitude: -46.6, name: 'Office', address: 'Rua A, 1' },
    messageType: 'locationMessage',
  },
  {
    route: 'sendContact',
    body: { number, contact: [{ fullName: 'Ana', phoneNumber: '+5511999992000', email: 'ana@example.org' }] },
    kind: 'contacts',
    content: { contacts: [{ fullName: 'Ana', phoneNumber: '+5511999992000', email: 'ana@example.org' }] },
    messageType: 'contactMessage',
  },
  {
    route: 'sendReaction',
    body: { key, reaction: '👍🏽' },
    kind: 'reaction',
    content: { targetKeyId: key.id, emoji: '👍🏽' },
    messageType: 'reactionMessage',
  },
  {
    route: 'sendReaction',
    body: { key, reaction: '' },
    kind: 'reaction',
    content: { targetKeyId: key.id, emoji: '' },
    messageType: 'reactionMessage',
  },
  {
    route: 'sendPoll',
    body: { number, name: 'When?', values: ['now', 'later'], selectableCount: 1 },
    kind: 'poll',
    content: { name: 'When?', values: ['now', 'later'], selectableCount: 1 },
    messageType: 'pollCreationMessageV3',
  },
  {
    route: 'sendList',
    body: { number, title: 'Pizza', footerText: 'f', buttonText: 'Choose', sections: [{ title: 'Sizes', rows }] },
    kind: 'list',
    content: { title: 'Pizza', footerText: 'f', buttonText: 'Choose', sections: [{ title: 'Sizes', rows }] },
    messageType: 'listMessage',
  },
  {
    route: 'sendButtons',
    body: { number, title: 'Sure?', footer: 'f', buttons: [{ type: 'reply', displayText: 'Yes', id: 'y' }] },
    kind: 'buttons',
    content: { title: 'Sure?', footer: 'f', buttons: [{ type: 'reply', displayText: 'Yes', id: 'y' }] },
    messageType: 'viewOnceMessage',
  },
]

async function lastOf(path: string, list: string): Promise<JsonObject> {
  const { body } = await sandbox.call('GET', path)
  const all: unknown[] = isJsonObject(body) && Array.isArray(body[list]) ? body[list] : []
  const last = all.at(-1)
  assert.ok(isJsonObject(last))
  return last
}

for (const { route, body, kind, content, messageType } of KINDS) {
  test(`${route} of ${kind} leaves, is answered as ${messageType} and is shown on the phone`, async () => {
    const answered = await sandbox.send(route, 'a1', body)
    assert.equal(answered.status, 201, answered.text)
    assert.ok(isJsonObject(answered.body))
    assert.equal(answered.body['messageType'], messageType)
    const view = await lastOf('/sandbox/view', 'messages')
    assert.ok(isJsonObject(answered.body['key']) && isJsonObject(view['content']))
    assert.equal(view['keyId'], answered.body['key']['id'])
    assert.equal(view['chat'], number)
    assert.equal(view['direction'], 'out')
    assert.equal(view['kind'], kind)
    const { media, ...shown } = view['content']
    assert.deepEqual(shown, content)
    assert.equal(
      isJsonObject(media),
      ['media', 'audio', 'sticker', 'video'].some((field) => field in body),
    )
    const entry = await lastOf('/sandbox/messages?limit=10000', 'data')
    assert.equal(entry['kind'], kind)
    assert.equal(entry['content'], body['text'] ?? body['caption'] ?? '')
  })
}

test('a template leaves through the Business channel and is shown on the phone', async () => {
  await sandbox.create('b1', { integration: 'WHATSAPP-BUSINESS', token: 'tok-b1', number: '5511900000009' })
  const components = [{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }]
  const answered = await sandbox.send('sendTemplate', 'b1', { number, name: 'welcome', language: 'pt_BR', components })
  assert.equal(answered.status, 201)
  const view = await lastOf('/sandbox/view', 'messages')
  assert.deepEqual(view['content'], { name: 'welcome', language: 'pt_BR', components })
})

const badRequest = (message: string) => `{"status":400,"error":"Bad Request","response":{"message":${message}}}`
const reply = { type: 'reply', displayText: 'Yes', id: 'y' }

const REFUSED: readonly (readonly [route: string, body: JsonObject, answer: string])[] = [
  [
    'sendLocation',
    { number, latitude: '1', longitude: 2, name: 'x', address: 'y' },
    badRequest('[["latitude is not of a type(s) number"]]'),
  ],
  ['sendContact', { number, contact: [] }, badRequest('[["contact does not meet minimum length of 1"]]')],
  [
    'sendContact',
    { number, contact: [{ fullName: 'Ana', phoneNumber: '123' }] },
    badRequest('[["contact[0].phoneNumber does not meet minimum length of 10"]]'),
  ],
  [
    'sendReaction',
    { key: { id: 'x' }, reaction: 'x' },
    badRequest('[["key requires property \\"remoteJid\\"","key requires property \\"fromMe\\""]]'),
  ],
  [
    'sendReaction',
    { key, reaction: 'yes' },
    badRequest('["Reaction must be a single emoji or empty string to remove reaction"]'),
  ],
  [
    'sendPoll',
    { number, name: 'x', selectableCount: 11, values: ['a'] },
    badRequest('[["selectableCount must be less than or equal to 10","values does not meet minimum length of 2"]]'),
  ],
  [
    'sendPoll',
    { number, name: 'x', selectableCount: 1, values: ['a', 'a'] },
    badRequest('[["values contains duplicate item"]]'),
  ],
  [
    'sendList',
    { number, title: 'x', footerText: 'f', buttonText: 'b', sections: [{ title: 't' }] },
    badRequest('[["sections[0] requires property \\"rows\\""]]'),
  ],
  [
    'sendButtons',
    { number, buttons: [{ type: 'x' }] },
    badRequest('[["buttons[0].type is not one of enum values: reply,copy,url,call,pix"]]'),
  ],
  [
    'sendButtons',
    { number, title: 'x' },
    '{"status":500,"error":"Internal Server Error","response":{"message":"Cannot read properties of undefined (reading \'length\')"}}',
  ],
  ['sendButtons', { number, buttons: [] }, badRequest('["At least one button is required"]')],
  [
    'sendButtons',
    { number, buttons: [reply, reply, reply, reply] },
    badRequest('["Maximum of 3 reply buttons allowed"]'),
  ],
  [
    'sendButtons',
    { number, buttons: [reply, { type: 'url', url: 'https://example.org' }] },
    badRequest('["Reply buttons cannot be mixed with other types"]'),
  ],
  ['sendButtons', { number, buttons: [{ type: 'pix' }, reply] }, badRequest('["Only one PIX button is allowed"]')],
  [
    'sendTemplate',
    { number },
    badRequest('[["instance requires property \\"name\\"","instance requires property \\"language\\""]]'),
  ],
]

for (const [route, body, answer] of REFUSED) {
  test(`${route} refuses ${JSON.stringify({ ...body, number: undefined })}`, async () => {
    const answered = await sandbox.send(route, 'a1', body)
    assert.equal(answered.text, answer)
  })
}
