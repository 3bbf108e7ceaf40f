import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorBody, maskedInstance, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  await sandbox.create('taken', { token: 'tok-taken' })
})
after(() => sandbox.stop())

const create = (body: unknown, key?: string) =>
  sandbox.call('POST', '/instance/create', body, key === undefined ? {} : { apikey: key })
const state = (name: string) => sandbox.call('GET', `/instance/connectionState/${name}`)

const SETTINGS =
  '{"rejectCall":false,"msgCall":"","groupsIgnore":false,"alwaysOnline":false,"readMessages":false,' +
  '"readStatus":false,"syncFullHistory":false,"wavoipToken":""}'

function created(o: {
  name: string
  status: string
  hash?: string
  integration?: string
  business?: string
  webhook?: string
  more?: string
}): string {
  const { integration = 'WHATSAPP-BAILEYS', business = 'null,"accessTokenWaBusiness":""' } = o
  return (
    `{"instance":{"instanceName":"${o.name}","instanceId":"<uuid>","integration":"${integration}",` +
    `"webhookWaBusiness":${business},"status":"${o.status}"},"hash":"${o.hash ?? 'tok'}",` +
    `"webhook":${o.webhook ?? '{}'},"websocket":{},"rabbitmq":{},"nats":{},"sqs":{},"settings":${SETTINGS}${o.more ?? ''}}`
  )
}

const BAILEYS = { integration: 'WHATSAPP-BAILEYS', token: 'tok' }
const QR = '"code":"2@…","base64":"data:image/png;base64,…","count":1}'

type Row = Readonly<{ title: string; body: object; text: () => string }>

const MADE: readonly Row[] = [
  {
    title: 'with a token, without a code',
    body: { instanceName: 'a1', ...BAILEYS, qrcode: false },
    text: () => created({ name: 'a1', status: 'close' }),
  },
  {
    title: 'without a token: an upper-case UUID',
    body: { instanceName: 'made', integration: 'WHATSAPP-BAILEYS' },
    text: () => created({ name: 'made', status: 'close', hash: '<UUID>' }),
  },
  {
    title: 'with a code to scan',
    body: { instanceName: 'coded', ...BAILEYS, qrcode: true },
    text: () => created({ name: 'coded', status: 'connecting', more: `,"qrcode":{"pairingCode":null,${QR}` }),
  },
  {
    title: 'with a number: a pairing code as well',
    body: { instanceName: 'paired', ...BAILEYS, qrcode: true, number: '5511988887777' },
    text: () => created({ name: 'paired', status: 'connecting', more: `,"qrcode":{"pairingCode":"<code>",${QR}` }),
  },
  {
    title: "with another instance's token",
    body: { instanceName: 'twin', integration: 'WHATSAPP-BAILEYS', token: 'tok-taken' },
    text: () => created({ name: 'twin', status: 'close', hash: 'tok-taken' }),
  },
  {
    title: 'of the EVOLUTION channel',
    body: { instanceName: 'e1', integration: 'EVOLUTION', token: 'tok' },
    text: () => created({ name: 'e1', status: 'open', integration: 'EVOLUTION' }),
  },
  {
    title: 'of the Business channel',
    body: { instanceName: 'b1', integration: 'WHATSAPP-BUSINESS', token: 'tok', number: '1234567890' },
    text: () =>
      created({
        name: 'b1',
        status: 'open',
        integration: 'WHATSAPP-BUSINESS',
        business: `"${sandbox.url}/webhook/meta","accessTokenWaBusiness":"evolution"`,
      }),
  },
  {
    title: 'with a webhook',
    body: {
      instanceName: 'hooked',
      ...BAILEYS,
      webhook: { url: 'http://127.0.0.1:9/h', headers: { 'x-s': 's' }, byEvents: false, base64: false, events: [] },
    },
    text: () =>
      created({
        name: 'hooked',
        status: 'close',
        webhook:
          '{"webhookUrl":"http://127.0.0.1:9/h","webhookHeaders":{"x-s":"s"},"webhookByEvents":false,"webhookBase64":false}',
      }),
  },
]

for (const row of MADE) {
  test(`create: ${row.title}`, async () => {
    const { status, text } = await create(row.body)
    assert.equal(status, 201)
    assert.equal(maskedInstance(text), row.text())
  })
}

type Refusal = Readonly<{ title: string; body: object; key?: string; status: number; message: unknown }>

const REFUSED: readonly Refusal[] = [
  {
    title: 'a taken name, before the key is looked at',
    body: { instanceName: 'taken' },
    key: 'wrong',
    status: 403,
    message: ['This name "taken" is already in use.'],
  },
  { title: 'no key', body: { instanceName: 'x' }, key: '', status: 401, message: 'Unauthorized' },
  { title: 'a token for a key', body: { instanceName: 'x' }, key: 'tok-taken', status: 401, message: 'Unauthorized' },
  { title: 'an empty body', body: {}, status: 400, message: ['Invalid integration'] },
  { title: 'no integration', body: { instanceName: 'x' }, status: 400, message: ['Invalid integration'] },
  {
    title: 'an unknown integration',
    body: { instanceName: 'x', integration: 'SMOKE-SIGNALS' },
    status: 400,
    message: ['Invalid integration'],
  },
  {
    title: 'Business without a token',
    body: { instanceName: 'x', integration: 'WHATSAPP-BUSINESS', number: '1' },
    status: 400,
    message: ['token is required'],
  },
  {
    title: 'Business without a number',
    body: { instanceName: 'x', integration: 'WHATSAPP-BUSINESS', token: 't' },
    status: 400,
    message: ['number is required'],
  },
  {
    title: 'a webhook that lists no events',
    body: { instanceName: 'x', ...BAILEYS, webhook: { url: 'http://127.0.0.1:9/' } },
    status: 400,
    message: ["Cannot read properties of undefined (reading 'length')"],
  },
]

for (const { title, body, key, status, message } of REFUSED) {
  test(`create is refused, and leaves nothing: ${title}`, async () => {
    const answered = await create(body, key)
    assert.equal(answered.status, status)
    assert.equal(answered.text, JSON.stringify(errorBody(status, message)))
    assert.equal((await state('x')).status, 404)
  })
}

test('create with a name that is no text fails at the guard, with 12 kB of Prisma and before the key', async () => {
  const { status, text } = await create({ instanceName: 5 }, 'wrong')
  assert.equal(status, 500)
  assert.match(text, /^\{"status":500,"error":"Internal Server Error","response":\{"message":\["PrismaClient\w+Error: /)
  assert.ok(text.length > 11_000 && text.length < 14_000)
})

test('create with a code waits 5 s for it, as measured on the real server', async () => {
  const slow = await startForTest({ timeScale: 0.1 })
  try {
    const startedAt = performance.now()
    await slow.create('slow', { qrcode: true })
    assert.ok(performance.now() - startedAt >= 490)
  } finally {
    await slow.stop()
  }
})

test('create with a code while WhatsApp refuses: connecting, and nothing to scan', async () => {
  const lonely = await startForTest()
  try {
    await lonely.call('POST', '/sandbox/whatsapp', { reach: 'refused' })
    const { status, text } = await lonely.create('lonely', { token: 'tok', qrcode: true })
    assert.equal(status, 201)
    assert.equal(maskedInstance(text), created({ name: 'lonely', status: 'connecting', more: ',"qrcode":{"count":0}' }))
  } finally {
    await lonely.stop()
  }
})

test('create with a code while connections to WhatsApp hang: no answer, and the instance is there all the same', async () => {
  const hanging = await startForTest()
  try {
    await hanging.call('POST', '/sandbox/whatsapp', { reach: 'black-hole' })
    const body = JSON.stringify({ instanceName: 'hung', ...BAILEYS, qrcode: true })
    const headers = { apikey: 'global-key', 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(300)
    await assert.rejects(fetch(`${hanging.url}/instance/create`, { method: 'POST', headers, body, signal }), {
      name: 'TimeoutError',
    })
    assert.equal((await hanging.call('GET', '/instance/connectionState/hung')).status, 200)
  } finally {
    await hanging.stop()
  }
})

test('create: a name too long for a code, or with half a character in it, gets its code all the same', async () => {
  const names = ['n'.repeat(3_000), 'half \ud800']
  for (const name of names) assert.equal((await sandbox.create(name, { qrcode: true })).status, 201)
  assert.equal(
    (await sandbox.call('GET', `/instance/connectionState/${encodeURIComponent('half \ufffd')}`)).status,
    200,
  )
})
