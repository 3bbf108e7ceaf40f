import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startForTest } from './start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  for (const name of ['open', 'connecting', 'never']) await sandbox.create(name)
  await sandbox.create('b1', { integration: 'WHATSAPP-BUSINESS', token: 'tok-b1', number: '5511900000009' })
  await sandbox.setState('open', 'open')
  await sandbox.setState('connecting', 'connecting')
})
after(() => sandbox.stop())

const number = '5511999991000'
const text = { number, text: 'x' }

const SHAPES: readonly Readonly<{
  shape: string
  request: readonly [method: string, path: string, body: unknown, key?: string]
  status: number
  body: string
}>[] = [
  {
    shape: 'a text, for the key',
    request: ['POST', '/message/sendText/open', text, 'wrong'],
    status: 401,
    body: '{"status":401,"error":"Unauthorized","response":{"message":"Unauthorized"}}',
  },
  {
    shape: 'a text, for what was thrown',
    request: ['POST', '/message/sendText/connecting', text],
    status: 500,
    body: '{"status":500,"error":"Internal Server Error","response":{"message":"Connection Closed"}}',
  },
  {
    shape: 'a text under the title of another status, for what cannot be parsed',
    request: ['POST', '/message/sendText/open', '{"number":'],
    status: 400,
    body: '{"status":400,"error":"Internal Server Error","response":{"message":"Unexpected end of JSON input"}}',
  },
  {
    shape: 'a list, for what is not there',
    request: ['POST', '/message/sendText/nope', text],
    status: 404,
    body: '{"status":404,"error":"Not Found","response":{"message":["The \\"nope\\" instance does not exist"]}}',
  },
  {
    shape: 'a list, for a name that is taken',
    request: ['POST', '/instance/create', { instanceName: 'open', integration: 'WHATSAPP-BAILEYS' }],
    status: 403,
    body: '{"status":403,"error":"Forbidden","response":{"message":["This name \\"open\\" is already in use."]}}',
  },
  {
    shape: 'a list, for what was thrown inside the send',
    request: ['POST', '/message/sendText/never', { ...text, number: '120363000000000000@g.us' }],
    status: 400,
    body: '{"status":400,"error":"Bad Request","response":{"message":["[object Object]"]}}',
  },
  {
    shape: 'a list, for what was thrown around a file',
    request: ['POST', '/message/sendMedia/connecting', { number, mediatype: 'image', media: 'aGVsbG8=' }],
    status: 500,
    body: '{"status":500,"error":"Internal Server Error","response":{"message":["Error: Connection Closed"]}}',
  },
  {
    shape: 'a list in a list, for the schema',
    request: ['POST', '/message/sendText/open', { number: null, text: null }],
    status: 400,
    body: '{"status":400,"error":"Bad Request","response":{"message":[["Invalid format","text is not of a type(s) string"]]}}',
  },
  {
    shape: 'a list of objects, for a number that is not on WhatsApp',
    request: ['POST', '/message/sendText/open', { ...text, number: '5511999990404' }],
    status: 400,
    body: '{"status":400,"error":"Bad Request","response":{"message":[{"jid":"5511999990404@s.whatsapp.net","exists":false,"number":"5511999990404"}]}}',
  },
  {
    shape: 'no response at all, for the schema of the number check',
    request: ['POST', '/chat/whatsappNumbers/open', { numbers: [] }],
    status: 400,
    body: '{"status":400,"error":"Bad Request","message":[["numbers does not meet minimum length of 1"]]}',
  },
  {
    shape: 'nothing, for the number check of an instance never connected',
    request: ['POST', '/chat/whatsappNumbers/never', { numbers: [number] }],
    status: 400,
    body: '{}',
  },
  {
    shape: 'what was thrown itself, for the number check of an instance that connects',
    request: ['POST', '/chat/whatsappNumbers/connecting', { numbers: [number] }],
    status: 400,
    body: '{"data":null,"isBoom":true,"isServer":false,"output":{"statusCode":428,"payload":{"statusCode":428,"error":"Precondition Required","message":"Connection Closed"},"headers":{}}}',
  },
  {
    shape: 'a flag under 200',
    request: ['POST', '/instance/restart/never', undefined],
    status: 200,
    body: '{"error":true,"message":"[object Object]"}',
  },
  {
    shape: "Meta's error under 201",
    request: ['POST', '/message/sendText/b1', { ...text, number: '5511999990404' }],
    status: 201,
    body: '{"message":"(#131030) Recipient phone number not in allowed list","type":"OAuthException","code":131030,"fbtrace_id":"x"}',
  },
]

for (const { shape, request, status, body } of SHAPES) {
  test(`an error can be ${shape}`, async () => {
    const [method, path, sent, key] = request
    const answered = await sandbox.call(method, path, sent, key === undefined ? {} : { apikey: key })
    assert.equal(answered.text, body)
    assert.equal(answered.status, status)
  })
}
