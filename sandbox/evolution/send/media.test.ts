import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { isJsonObject, type JsonObject } from '../json.ts'
import { GLOBAL_KEY, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  for (const name of ['open', 'never', 'connecting']) await sandbox.create(name)
  await sandbox.setState('open', 'open')
  await sandbox.setState('connecting', 'connecting')
})
after(() => sandbox.stop())

const number = '5511999991000'
const BASE64 = 'aGVsbG8='
const image = { number, mediatype: 'image', media: BASE64 }
const nowhere = '["Owned media must be a url or base64"]'

const REFUSED: readonly Readonly<{ instance: string; body: JsonObject; status: 400 | 500; message: string }>[] = [
  {
    instance: 'open',
    body: {},
    status: 400,
    message: '[["instance requires property \\"number\\"","instance requires property \\"mediatype\\""]]',
  },
  {
    instance: 'open',
    body: { ...image, mediatype: 'gif' },
    status: 400,
    message: '[["mediatype is not one of enum values: image,document,video,audio"]]',
  },
  { instance: 'never', body: { number, mediatype: 'image' }, status: 400, message: nowhere },
  { instance: 'open', body: { ...image, media: 'not base64!' }, status: 400, message: nowhere },
  { instance: 'open', body: { ...image, media: 'http://localhost/x.png' }, status: 400, message: nowhere },
  { instance: 'open', body: { ...image, media: `data:image/png;base64,${BASE64}` }, status: 400, message: nowhere },
  {
    instance: 'never',
    body: { number, mediatype: 'document', media: BASE64 },
    status: 400,
    message: '["For base64 the file name must be informed."]',
  },
  {
    instance: 'open',
    body: { ...image, media: 'http://nowhere.invalid/x.png' },
    status: 500,
    message: '["Error: getaddrinfo ENOTFOUND nowhere.invalid"]',
  },
  {
    instance: 'never',
    body: { ...image, media: 'http://nowhere.invalid/x.png' },
    status: 500,
    message: '["Error: getaddrinfo ENOTFOUND nowhere.invalid"]',
  },
  {
    instance: 'never',
    body: image,
    status: 500,
    message: '["TypeError: Cannot read properties of undefined (reading \'waUploadToServer\')"]',
  },
  { instance: 'connecting', body: image, status: 500, message: '["Error: Connection Closed"]' },
  {
    instance: 'open',
    body: { ...image, number: '5511999990503' },
    status: 500,
    message: '["Error: Media upload failed on all hosts"]',
  },
]

for (const { instance, body, status, message } of REFUSED) {
  test(`sendMedia through "${instance}" of ${JSON.stringify(body)} is ${status}`, async () => {
    const answered = await sandbox.send('sendMedia', instance, body)
    const error = status === 400 ? 'Bad Request' : 'Internal Server Error'
    assert.equal(answered.text, `{"status":${status},"error":"${error}","response":{"message":${message}}}`)
    assert.equal(answered.status, status)
  })
}

async function lastMedia(): Promise<JsonObject> {
  const { body } = await sandbox.call('GET', '/sandbox/view')
  const messages: unknown[] = isJsonObject(body) && Array.isArray(body['messages']) ? body['messages'] : []
  const last = messages.at(-1)
  const content = isJsonObject(last) && isJsonObject(last['content']) ? last['content'] : {}
  assert.ok(isJsonObject(content['media']))
  return content['media']
}

test('a file uploaded with a form is kept, and its bytes go to the phone without any rights', async () => {
  const form = new FormData()
  form.set('number', number)
  form.set('mediatype', 'document')
  form.set('caption', 'yours')
  form.set('file', new Blob(['<script>'], { type: 'text/html' }), 'page.html')
  const response = await fetch(`${sandbox.url}/message/sendMedia/open`, {
    method: 'POST',
    headers: { apikey: GLOBAL_KEY },
    body: form,
  })
  assert.equal(response.status, 201)
  const media = await lastMedia()
  assert.equal(media['fileName'], 'page.html')
  const file = await fetch(`${sandbox.url}/sandbox/media/${String(media['id'])}`)
  assert.equal(await file.text(), '<script>')
  assert.equal(file.headers.get('content-type'), 'application/octet-stream')
  assert.equal(file.headers.get('content-disposition'), "attachment; filename*=UTF-8''page.html")
  assert.equal(file.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(file.headers.get('content-security-policy'), "default-src 'none'; sandbox")
})

test('a drawing that may hold a script is only offered for download, however its kind is spelt', async () => {
  await sandbox.send('sendMedia', 'open', { ...image, mimetype: 'image/SVG+xml' })
  const { id } = await lastMedia()
  const file = await fetch(`${sandbox.url}/sandbox/media/${String(id)}`)
  assert.equal(file.headers.get('content-type'), 'application/octet-stream')
  assert.equal(file.headers.get('content-disposition'), 'attachment')
})

test('a player gets the part of a file that it asks for', async () => {
  await sandbox.send('sendWhatsAppAudio', 'open', { number, audio: Buffer.from('0123456789').toString('base64') })
  const { id } = await lastMedia()
  const part = await fetch(`${sandbox.url}/sandbox/media/${String(id)}`, { headers: { range: 'bytes=2-4' } })
  assert.equal(part.status, 206)
  assert.equal(part.headers.get('content-range'), 'bytes 2-4/10')
  assert.equal(await part.text(), '234')
})

test('a form is read by the routes that take a file, and by no other', async () => {
  const form = new FormData()
  form.set('number', number)
  form.set('text', 'x')
  const response = await fetch(`${sandbox.url}/message/sendText/open`, {
    method: 'POST',
    headers: { apikey: GLOBAL_KEY },
    body: form,
  })
  assert.match(await response.text(), /"instance requires property \\"number\\""/)
})

test('a form that ends early is 500', async () => {
  const response = await fetch(`${sandbox.url}/message/sendMedia/open`, {
    method: 'POST',
    headers: { apikey: GLOBAL_KEY, 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="number"\r\n\r\n1',
  })
  assert.equal(response.status, 500)
})

test('a number in a form is a string, so it fails the schema', async () => {
  const form = new FormData()
  form.set('number', number)
  form.set('mediatype', 'image')
  form.set('delay', '1200')
  form.set('file', new Blob(['x']), 'x.png')
  const response = await fetch(`${sandbox.url}/message/sendMedia/open`, {
    method: 'POST',
    headers: { apikey: GLOBAL_KEY },
    body: form,
  })
  assert.match(await response.text(), /"message":\[\["Enter a value in milliseconds"\]\]/)
})

test('a file named by URL is fetched, and its kind is told by its bytes', async () => {
  const site = createServer((_req, res) => res.end(Buffer.from('\x89PNG picture', 'latin1')))
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const address = site.address()
  assert.ok(typeof address === 'object' && address !== null)
  const media = `http://127.0.0.1:${address.port}/picture`
  const answered = await sandbox.send('sendMedia', 'open', { number, mediatype: 'image', media })
  site.close()
  site.closeAllConnections()
  assert.equal(answered.status, 201)
  const { mimetype, bytes } = await lastMedia()
  assert.deepEqual({ mimetype, bytes }, { mimetype: 'image/png', bytes: 12 })
})

test('a URL that answers 404 is 500 in the words of the HTTP client', async () => {
  const site = createServer((_req, res) => res.writeHead(404).end())
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const address = site.address()
  assert.ok(typeof address === 'object' && address !== null)
  const media = `http://127.0.0.1:${address.port}/picture.png`
  const answered = await sandbox.send('sendMedia', 'open', { number, mediatype: 'image', media })
  site.close()
  site.closeAllConnections()
  assert.equal(answered.status, 500)
  assert.match(answered.text, /"message":\["Error: Request failed with status code 404"\]/)
})

test('a file nobody sent is not found', async () => {
  assert.equal((await fetch(`${sandbox.url}/sandbox/media/nope`)).status, 404)
})
