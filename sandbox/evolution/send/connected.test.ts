import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { maskedText, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest({ autoOpen: true })
  await sandbox.create('a1')
})
after(() => sandbox.stop())

const sent = (number: string, text: string) =>
  `{"key":{"remoteJid":"${number}@s.whatsapp.net","fromMe":true,"id":"<id>"},"pushName":"Você","status":"PENDING",` +
  `"message":{"conversation":"${text}"},"contextInfo":{"mentionedJid":[],"groupMentions":[],` +
  '"ephemeralSettingTimestamp":{"low":<ts>,"high":0,"unsigned":false},"disappearingMode":{"initiator":0}},' +
  '"messageType":"conversation","messageTimestamp":<ts>,"instanceId":"<uuid>","source":"web"}'

const failed = (status: 400 | 500, message: string) =>
  `{"status":${status},"error":"${status === 400 ? 'Bad Request' : 'Internal Server Error'}",` +
  `"response":{"message":${message}}}`

const emptyUser =
  '["Error: JID decoded but user is empty: \\"@s.whatsapp.net\\" -> user: \\"\\", server: \\"s.whatsapp.net\\", device: undefined"]'

const ROWS: readonly Readonly<{ number: string; text?: string; status: number; body: string }>[] = [
  { number: '5511999991000', status: 201, body: sent('5511999991000', 'hi') },
  { number: '+55 (11) 99999-1000', status: 201, body: sent('5511999991000', 'hi') },
  { number: '551199991000', status: 201, body: sent('5511999991000', 'hi') },
  { number: '5531988881000', status: 201, body: sent('553188881000', 'hi') },
  { number: '5511988883000', status: 201, body: sent('5511988883000', 'hi') },
  {
    number: '5511999990404',
    status: 400,
    body: failed(400, '[{"jid":"5511999990404@s.whatsapp.net","exists":false,"number":"5511999990404"}]'),
  },
  { number: 'abc', status: 400, body: failed(400, emptyUser) },
  { number: '', status: 400, body: failed(400, emptyUser) },
  { number: '120363000000000000@g.us', status: 400, body: failed(400, '["[object Object]"]') },
  { number: '5511999990429', status: 500, body: failed(500, '"rate-overlimit"') },
  {
    number: '5511999990408',
    status: 500,
    body: failed(500, '"Cannot read properties of undefined (reading \'find\')"'),
  },
  { number: '5511999990504', status: 400, body: failed(400, '["SessionError: No sessions"]') },
  { number: '5511999990463', status: 201, body: sent('5511999990463', 'hi') },
  { number: '5511999990010', status: 201, body: sent('5511999990010', 'hi') },
  {
    number: '5511999991000',
    text: 'a\0b',
    status: 400,
    body: failed(400, '["DriverAdapterError: unsupported Unicode escape sequence"]'),
  },
]

for (const { number, text, status, body } of ROWS) {
  test(`sendText to "${number}"${text === undefined ? '' : ' with U+0000'} answers ${status}`, async () => {
    const answered = await sandbox.sendText('a1', number, text ?? 'hi')
    assert.equal(maskedText(answered.text), body)
    assert.equal(answered.status, status)
  })
}

test('a socket that breaks during the look-up answers 500 with its own title, one that breaks with the send 201', async () => {
  await sandbox.create('breaks')
  const before = await sandbox.sendText('breaks', '5511999990009', 'hi')
  assert.equal(before.text, failed(500, '"Internal Server Error"'))
  await sandbox.setState('breaks', 'open')
  const after = await sandbox.sendText('breaks', '5511999990011', 'hi')
  assert.equal(maskedText(after.text), sent('5511999990011', 'hi'))
})

test('keys that never come take their 60.12 s, scaled, and leave the instance open', async () => {
  const startedAt = performance.now()
  await sandbox.sendText('a1', '5511999990504', 'x')
  assert.ok(performance.now() - startedAt >= 600)
  const { text } = await sandbox.call('GET', '/instance/connectionState/a1')
  assert.equal(text, '{"instance":{"instanceName":"a1","state":"open"}}')
})

test('a delay is served inside the request, while the phone shows typing', async () => {
  const stream = await fetch(`${sandbox.url}/sandbox/stream`)
  const startedAt = performance.now()
  const answered = await sandbox.sendText('a1', '5511999991000', 'x', { delay: 300 })
  assert.equal(answered.status, 201)
  assert.ok(performance.now() - startedAt >= 298)
  let seen = ''
  for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    seen += chunk
    if (seen.includes('"state":"paused"')) break
  }
  assert.match(seen, /"kind":"presence","instance":"a1","chat":"5511999991000","state":"composing"/)
})

test('a text with a preview that cannot be fetched takes longer', async () => {
  const startedAt = performance.now()
  const answered = await sandbox.sendText('a1', '5511999991000', 'see https://nowhere.invalid/page')
  assert.equal(answered.status, 201)
  assert.ok(performance.now() - startedAt >= 5)
})

test('a 201 repeats mentions and what is quoted', async () => {
  const first = await sandbox.sendText('a1', '5511999991000', 'the first')
  const keyId = /"id":"(3EB0\w+)"/.exec(first.text)?.[1]
  const answered = await sandbox.sendText('a1', '5511999991000', 'the second', {
    quoted: { key: { id: keyId } },
    mentioned: ['5511999992000'],
  })
  assert.match(answered.text, /"contextInfo":\{"mentionedJid":\["5511999992000@s\.whatsapp\.net"\]/)
  assert.ok(answered.text.includes(`"stanzaId":"${keyId}","quotedMessage":{"conversation":"the first"}`))
})
