import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { errorBody, startForTest } from './start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  await sandbox.create('a1', { token: 'tok-a1' })
  await sandbox.create('b2', { token: 'tok-b2' })
  await sandbox.setState('a1', 'open')
})
after(() => sandbox.stop())

const SEND = '/message/sendText/a1'
const JSON_TYPE = 'application/json'
const unknownInstance = errorBody(404, ['The "nope" instance does not exist'])
const unauthorized = errorBody(401, 'Unauthorized')
const missingFields = errorBody(400, [['instance requires property "number"', 'instance requires property "text"']])

type Row = Readonly<{
  title: string
  method?: string
  path?: string
  key?: string
  type?: string
  headers?: Readonly<Record<string, string>>
  body?: string
  status: number
  answer: unknown
}>

const ROWS: readonly Row[] = [
  {
    title: 'an unknown instance is told without a key',
    path: '/message/sendText/nope',
    key: '',
    status: 404,
    answer: unknownInstance,
  },
  {
    title: 'an unknown instance is told with a wrong key',
    path: '/message/sendText/nope',
    key: 'wrong',
    status: 404,
    answer: unknownInstance,
  },
  {
    title: 'an unknown instance is told with the global key',
    path: '/message/sendText/nope',
    status: 404,
    answer: unknownInstance,
  },
  {
    title: 'instance names have a case',
    path: '/message/sendText/A1',
    status: 404,
    answer: errorBody(404, ['The "A1" instance does not exist']),
  },
  {
    title: 'a send route without an instance is no route',
    path: '/message/sendText',
    status: 404,
    answer: errorBody(404, ['Cannot POST /message/sendText']),
  },
  {
    title: 'a send route has one method',
    method: 'GET',
    path: '/message/sendText/nope',
    status: 404,
    answer: errorBody(404, ['Cannot GET /message/sendText/nope']),
  },
  { title: 'an empty key', key: '', body: '{}', status: 401, answer: unauthorized },
  {
    title: 'the key as a bearer',
    headers: { authorization: 'Bearer tok-a1' },
    key: '',
    body: '{}',
    status: 401,
    answer: unauthorized,
  },
  { title: 'a wrong key', key: 'wrong', body: '{}', status: 401, answer: unauthorized },
  { title: "another instance's token", key: 'tok-b2', body: '{}', status: 401, answer: unauthorized },
  {
    title: 'a key in the query',
    path: `${SEND}?apikey=tok-a1`,
    key: '',
    body: '{}',
    status: 401,
    answer: unauthorized,
  },
  { title: "the instance's token passes the guard", key: 'tok-a1', body: '{}', status: 400, answer: missingFields },
  {
    title: 'the query is laid over the path after the guards: the hole of 2.3.6',
    path: `${SEND}?instanceName=zzz`,
    key: 'tok-a1',
    body: '{"number":"5511999991000","text":"x"}',
    status: 500,
    answer: errorBody(500, "Cannot read properties of undefined (reading 'textMessage')"),
  },
  {
    title: 'routes have no case, and a slash may follow',
    path: '/message/SENDTEXT/a1/',
    body: '{}',
    status: 400,
    answer: missingFields,
  },
  {
    title: 'malformed JSON comes before the instance and the key',
    path: '/message/sendText/nope',
    key: '',
    body: '{"number":"5511',
    status: 400,
    answer: errorBody(400, 'Unterminated string in JSON at position 15', 'Internal Server Error'),
  },
  {
    title: 'JSON that ends early',
    body: '{"number":',
    status: 400,
    answer: errorBody(400, 'Unexpected end of JSON input', 'Internal Server Error'),
  },
  {
    title: 'JSON with a bare word',
    body: '{number:1}',
    status: 400,
    answer: errorBody(400, "Expected property name or '}' in JSON at position 1", 'Internal Server Error'),
  },
  {
    title: 'JSON null',
    body: 'null',
    status: 400,
    answer: errorBody(400, `Unexpected token 'n', "null" is not valid JSON`, 'Internal Server Error'),
  },
  {
    title: 'a JSON string',
    body: '"str"',
    status: 400,
    answer: errorBody(400, `Unexpected token '"', ""str"" is not valid JSON`, 'Internal Server Error'),
  },
  {
    title: 'a charset that is not Unicode',
    type: 'application/json; charset=iso-8859-1',
    body: '{}',
    status: 415,
    answer: errorBody(415, 'unsupported charset "ISO-8859-1"', 'Internal Server Error'),
  },
  { title: 'an empty object', body: '{}', status: 400, answer: missingFields },
  { title: 'an empty list', body: '[]', status: 400, answer: missingFields },
  { title: 'plain text', type: 'text/plain', body: '{"number":"1","text":"x"}', status: 400, answer: missingFields },
]

for (const row of ROWS) {
  test(`guards: ${row.title}`, async () => {
    const answered = await sandbox.call(row.method ?? 'POST', row.path ?? SEND, row.body, {
      ...(row.key === undefined ? {} : { apikey: row.key }),
      'content-type': row.type ?? JSON_TYPE,
      ...row.headers,
    })
    assert.equal(answered.status, row.status)
    assert.equal(answered.text, JSON.stringify(row.answer))
  })
}

test('guards: a body that announces more than the limit is 413 in the words of the parser', async () => {
  const req = request(`${sandbox.url}${SEND}`, {
    method: 'POST',
    headers: { 'content-type': JSON_TYPE, 'content-length': 136 * 1024 * 1024 + 1 },
  })
  req.on('error', () => undefined)
  req.write('{')
  const [res] = await once(req, 'response')
  assert.equal(res.statusCode, 413)
  assert.deepEqual(await json(res), errorBody(413, 'request entity too large', 'Internal Server Error'))
  req.destroy()
})

test('guards: a body too deep to be written again is refused, and the phone can still be read', async () => {
  await sandbox.create('deep', { integration: 'WHATSAPP-BUSINESS', token: 'tok-deep', number: '5511' })
  const deep = '['.repeat(20_000) + ']'.repeat(20_000)
  const body = `{"number":"5511999991000","name":"n","language":"en","components":${deep}}`
  const { status, text } = await sandbox.call('POST', '/message/sendTemplate/deep', body)
  assert.equal(status, 400, text)
  assert.equal((await sandbox.call('GET', '/sandbox/view')).status, 200)
})

test('guards: form-encoded and gzip-encoded bodies are accepted', async () => {
  const form = await sandbox.call('POST', SEND, 'number=5511999991000&text=form', {
    'content-type': 'application/x-www-form-urlencoded',
  })
  assert.equal(form.status, 201)
  const response = await fetch(sandbox.url + SEND, {
    method: 'POST',
    headers: { apikey: 'tok-a1', 'content-type': JSON_TYPE, 'content-encoding': 'gzip' },
    body: gzipSync('{"number":"5511999991000","text":"packed"}'),
  })
  assert.equal(response.status, 201)
})

test('guards: every answer carries the headers of the real server', async () => {
  const { headers } = await sandbox.call('GET', '/instance/connectionState/a1')
  assert.equal(headers.get('x-powered-by'), 'Express')
  assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
  assert.equal(headers.get('vary'), 'Origin, Accept-Encoding')
  assert.match(headers.get('etag') ?? '', /^W\/"[0-9a-f]+-.{27}"$/)
  assert.equal(headers.get('connection'), 'keep-alive')
  assert.equal(headers.get('keep-alive'), 'timeout=5')
})

test('guards: the start page needs no key', async () => {
  const { status, body } = await sandbox.call('GET', '/', undefined, { apikey: '' })
  assert.equal(status, 200)
  assert.deepEqual(body, {
    status: 200,
    message: 'Welcome to the Evolution API, it is working!',
    version: '2.3.6',
    clientName: 'evolution',
    manager: `${sandbox.url}/manager`,
    documentation: 'https://doc.evolution-api.com',
    whatsappWebVersion: '2.3000.1027934701',
  })
})

test("guards: through the query one instance's token acts on another", async () => {
  const answered = await sandbox.call('GET', '/instance/connectionState/b2?instanceName=a1', undefined, {
    apikey: 'tok-b2',
  })
  assert.equal(answered.text, '{"instance":{"instanceName":"a1","state":"open"}}')
})

test('guards: a request without any key is 401', async () => {
  const response = await fetch(sandbox.url + SEND, { method: 'POST' })
  assert.equal(response.status, 401)
  assert.equal(await response.text(), JSON.stringify(unauthorized))
})
