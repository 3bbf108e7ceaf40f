import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorBody, eventually, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  await Promise.all(['close', 'connecting', 'open'].map((name) => sandbox.create(name)))
  await sandbox.create('e1', { integration: 'EVOLUTION' })
  await sandbox.create('b1', { integration: 'WHATSAPP-BUSINESS', token: 't', number: '1' })
  await sandbox.setState('connecting', 'connecting')
  await sandbox.setState('open', 'open')
})
after(() => sandbox.stop())

const BOOM =
  '{"data":null,"isBoom":true,"isServer":false,"output":{"statusCode":428,"payload":{"statusCode":428,' +
  '"error":"Precondition Required","message":"Connection Closed"},"headers":{}}}'
const bare = (message: unknown) => JSON.stringify({ status: 400, error: 'Bad Request', message })

type Row = Readonly<{ instance: string; body: object; status: number; text: string }>

const ONE = { numbers: ['5511999999999'] }
const STATES = ['close', 'connecting', 'open']

const ROWS: readonly Row[] = [
  {
    instance: 'open',
    body: { numbers: ['5511999991000', '5511999990404'] },
    status: 200,
    text:
      '[{"jid":"5511999991000@s.whatsapp.net","exists":true,"number":"5511999991000"},' +
      '{"jid":"5511999990404@s.whatsapp.net","exists":false,"number":"5511999990404"}]',
  },
  { instance: 'close', body: ONE, status: 400, text: '{}' },
  { instance: 'connecting', body: ONE, status: 400, text: BOOM },
  { instance: 'e1', body: ONE, status: 400, text: bare(['Method not available on Evolution Channel']) },
  { instance: 'b1', body: ONE, status: 400, text: bare(['Method not available on WhatsApp Business API']) },
  ...STATES.flatMap((instance): Row[] => [
    { instance, body: {}, status: 400, text: '{}' },
    { instance, body: { numbers: [] }, status: 400, text: bare([['numbers does not meet minimum length of 1']]) },
    { instance, body: { numbers: ['1', '1'] }, status: 400, text: bare([['numbers contains duplicate item']]) },
    { instance, body: { numbers: [5] }, status: 400, text: bare([['"numbers" must be an array of numeric strings']]) },
  ]),
  {
    instance: 'nope',
    body: ONE,
    status: 404,
    text: JSON.stringify(errorBody(404, ['The "nope" instance does not exist'])),
  },
]

for (const { instance, body, status, text } of ROWS) {
  test(`whatsappNumbers on "${instance}" with ${JSON.stringify(body)}`, async () => {
    const answered = await sandbox.call('POST', `/chat/whatsappNumbers/${instance}`, body)
    assert.equal(answered.status, status)
    assert.equal(answered.text, text)
  })
}

test('findStatusMessage gives one row for each status of a message, page by page, without times', async () => {
  const sent = await sandbox.sendText('open', '5511999991000', 'hi')
  const [, keyId = ''] = /"id":"(3EB0[0-9A-F]{18})"/.exec(sent.text) ?? []
  const find = async (body: object) => (await sandbox.call('POST', '/chat/findStatusMessage/open', body)).text
  const remoteJid = '5511999991000@s.whatsapp.net'
  const all = await eventually(
    () => find({ where: { id: keyId, remoteJid } }),
    (text) => text.includes('READ'),
  )
  const row = (status: string) =>
    `{"keyId":"${keyId}","remoteJid":"${remoteJid}","fromMe":true,"participant":null,` +
    `"messageId":"<cuid>","instanceId":"<uuid>","status":"${status}"}`
  const masked = (text: string) =>
    text.replaceAll(/"c[a-z0-9]{24}"/g, '"<cuid>"').replaceAll(/"[0-9a-f]{8}-[0-9a-f-]{27}"/g, '"<uuid>"')
  assert.equal(masked(all), `[${row('DELIVERY_ACK')},${row('READ')}]`)
  assert.equal(masked(await find({ where: { id: keyId }, page: 2, offset: 1 })), `[${row('READ')}]`)
  assert.equal(await find({ where: { id: keyId, remoteJid: 'other@s.whatsapp.net' } }), '[]')
  assert.equal(await find({ where: { id: 'unknown' } }), '[]')
})
