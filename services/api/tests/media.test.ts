import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { type Answer, faultyFields } from './client.ts'
import { formOf, jpeg, mp4, ogg, pdf, png, upload, webp } from './media-client.ts'
import { until } from './until.ts'

const KB = 1024
const MB = 1024 * KB
let api: ApiUnderTest
let ana: TestUser
let bob: TestUser
/** The time of every other request, shorter than usual so that the wait for one that is longer is short, too. */
const REQUEST_TIMEOUT_MS = 5000
/** Node looks for requests that took too long every so often. */
const LOOKS_EVERY_MS = 2000
/** Begun first, for it takes the longest. */
let slow: Promise<string>
before(async () => {
  const env = { MEDIA_USER_MAX_MB: '30', MEDIA_MAX_MB: '20' }
  api = await startApi({ env, overrides: { requestTimeoutMs: REQUEST_TIMEOUT_MS } })
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
  slow = slowUpload(await api.user('slow@example.com'))
})
after(() => api.stop())

describe('an upload', () => {
  test('is told by what it is, whole and under the name it came with', async () => {
    const bytes = Buffer.concat([png(), randomBytes(700_000)])
    const answer = await upload(api, ana, formOf(['file', bytes, 'image/png', 'xícara de café.png']))
    const { id: _id, createdAt: _createdAt, expiresAt, ...rest } = answer.body
    const id = String(answer.body['id'])
    assert.equal(answer.status, 201)
    assert.deepEqual(rest, {
      type: 'image/png',
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      fileName: 'xícara de café.png',
      kinds: ['image', 'document'],
      links: { self: `/v1/media/${id}`, content: `/v1/media/${id}/content` },
    })
    assert.equal(answer.headers.get('location'), `/v1/media/${id}`)
    assert.ok(Math.abs(Date.parse(String(expiresAt)) - Date.now() - 168 * 3_600_000) < 60_000)
    assert.deepEqual((await ana.get(`/v1/media/${id}`)).body, answer.body)

    const content = await contentOf(ana, id)
    assert.equal(Buffer.compare(content.bytes, bytes), 0)
    assert.match(content.headers.get('content-disposition') ?? '', /^attachment; filename=".*"; filename\*=UTF-8''/)
    assert.equal(content.headers.get('content-type'), 'image/png')
    assert.equal(content.headers.get('x-content-type-options'), 'nosniff')
    const head = await fetch(`${api.url}/v1/media/${id}/content`, { method: 'HEAD', headers: bearer(ana) })
    assert.equal(head.headers.get('content-length'), String(bytes.length))
  })

  test('under a key becomes one file, however often it is sent; other bytes under it are refused, and nothing of them kept', async () => {
    const [gil, dan] = [await api.user('once-one@example.com'), await api.user('once-two@example.com')]
    const key = randomUUID()
    const form = (bytes: Buffer) => formOf(['file', bytes, 'image/png', 'coffee.png'])
    const bytes = Buffer.concat([png(), randomBytes(600_000)])
    const filesBefore = await api.store.db.collection('media').countDocuments({})
    const answers = await Promise.all([1, 2, 3].map(() => upload(api, { token: gil.token, key }, form(bytes))))
    const made = answers.filter(({ status }) => status === 201)
    assert.ok(made.length >= 1)
    for (const { status, body } of answers) if (status !== 201) assert.equal(body['code'], 'request-under-way')

    const again = await upload(api, { token: gil.token, key }, form(bytes))
    assert.deepEqual([again.status, again.body], [201, made[0]?.body])
    assert.equal(again.headers.get('idempotent-replayed'), 'true')
    assert.equal(again.headers.get('location'), `/v1/media/${String(again.body['id'])}`)
    const other = await upload(api, { token: gil.token, key }, form(Buffer.concat([png(), randomBytes(600_000)])))
    assert.deepEqual([other.status, other.body['code']], [422, 'idempotency-key-reused'])
    assert.equal((await upload(api, { token: dan.token, key }, form(png()))).status, 201)
    assert.equal(await api.store.db.collection('media').countDocuments({}), filesBefore + 2)
  })

  test('that is refused leaves its key free', async () => {
    const fay = await api.user('once-three@example.com')
    const key = randomUUID()
    assert.equal((await upload(api, { token: fay.token, key }, formOf(['file', Buffer.alloc(0)]))).status, 400)
    assert.equal((await upload(api, { token: fay.token, key }, formOf(['file', png(), 'image/png']))).status, 201)
  })

  test('is of the type that its bytes say, and a type that they belie is refused with the field', async () => {
    for (const [bytes, said, type] of [
      [png(), '', 'image/png'],
      [jpeg(), 'image/jpg', 'image/jpeg'],
      [mp4(), 'application/octet-stream', 'video/mp4'],
      [mp4(), 'audio/mp4', 'audio/mp4'],
      [ogg(), 'audio/ogg; codecs=opus', 'audio/ogg'],
      [pdf(), 'application/pdf', 'application/pdf'],
      [Buffer.from('a;b\n1;2\n'), 'text/csv', 'text/csv'],
      [Buffer.from('whatever'), '', 'application/octet-stream'],
      [
        Buffer.from('504b0304', 'hex'),
        'application/vnd.android.package-archive',
        'application/vnd.android.package-archive',
      ],
    ] as const) {
      const { status, body } = await upload(api, ana, formOf(['file', bytes, said]))
      assert.deepEqual([status, body['type']], [201, type], said)
      await ana.call('DELETE', `/v1/media/${String(body['id'])}`)
    }
    for (const [bytes, said] of [
      [pdf(), 'image/png'],
      [png(), 'image/jpeg'],
      [Buffer.from('<html>'), 'image/png'],
      [Buffer.from('MZ\x90'), 'application/pdf'],
      [png(), 'text/html'],
    ] as const) {
      const answer = await upload(api, ana, formOf(['file', bytes, said]))
      assert.deepEqual(
        [answer.status, answer.body['code'], faultyFields(answer)],
        [400, 'invalid-request', ['file']],
        said,
      )
    }
  })

  test('for a kind is refused as soon as it cannot be that, by its type or its size', async () => {
    for (const [kind, bytes, status] of [
      ['image', png(5 * MB), 201],
      ['image', png(5 * MB + 1), 413],
      ['image', pdf(), 400],
      ['sticker', webp(500 * KB), 201],
      ['sticker', webp(500 * KB + 1), 413],
      ['video', mp4(16 * MB + 1), 413],
      ['voice', ogg(), 201],
      ['voice', mp4(), 400],
      ['roundVideo', mp4(), 201],
      ['document', png(6 * MB), 201],
      ['gif', png(), 400],
    ] as const) {
      const answer = await upload(api, bob, formOf(['file', bytes]), `?kind=${kind}`)
      assert.equal(answer.status, status, `${kind} ${bytes.length} ${JSON.stringify(answer.body)}`)
      if (status === 201) await bob.call('DELETE', `/v1/media/${String(answer.body['id'])}`)
      else assert.deepEqual(faultyFields(answer), [kind === 'gif' ? 'kind' : 'file'])
    }
    const large = await upload(api, bob, formOf(['file', png(20 * MB + 1)]))
    assert.deepEqual([large.status, large.body['code']], [413, 'too-large'])
    assert.deepEqual((await bob.get('/v1/media')).body['data'], [])
  })

  test('that is no form with one file is refused, and what of it came in leaves nothing', async () => {
    const long = Buffer.concat([png(), randomBytes(600_000)])
    for (const [form, fields] of [
      [formOf(), ['file']],
      [formOf(['file', Buffer.alloc(0)]), ['file']],
      [formOf(['picture', png()]), ['picture']],
      [formOf(['file', long], ['file', png()]), ['file']],
      [formOf(['file', long], ['user', Buffer.from('bob')]), ['user']],
    ] as const) {
      const answer = await upload(api, bob, form)
      assert.deepEqual([answer.status, faultyFields(answer)], [400, fields], JSON.stringify(answer.body))
    }
    const json = await bob.post('/v1/media', { file: 'x' })
    assert.deepEqual([json.status, json.body['code']], [415, 'unsupported-media-type'])
    const noBoundary = await bob.post('/v1/media', 'x', { 'content-type': 'multipart/form-data' })
    assert.equal(noBoundary.status, 400)
    assert.deepEqual(await leftOf(bob), [])
  })

  test('that is cut off leaves nothing, and its user may begin the next at once', async () => {
    for (let i = 0; i < 6; i++) {
      const { socket } = beginUpload(bob, png(700_000))
      await until('a chunk is in', async () => (await leftOf(bob)).includes('chunks'))
      socket.destroy()
      await until('nothing is left', async () => (await leftOf(bob)).length === 0)
    }
    assert.equal((await upload(api, bob, formOf(['file', png()]))).status, 201)
  })

  test('of somebody nobody knows is refused before its body is asked for', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
      let text = ''
      socket
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('close', () => resolve(text))
      socket.write(
        'POST /v1/media HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 50000000\r\n' +
          'Content-Type: multipart/form-data; boundary=b\r\n\r\n',
      )
    })
    assert.match(answer, /^HTTP\/1\.1 401 /)
  })

  test('of one too many at a time is refused, while the others go on', async () => {
    const eva = await api.user('eva@example.com')
    const kept = String((await upload(api, eva, formOf(['file', png()]))).body['id'])
    const uploads = Array.from({ length: 4 }, () => beginUpload(eva, png(10_000)))
    await until('four are under way', async () => (await filesOf(eva)) === 5)
    const { status, body } = await upload(api, eva, formOf(['file', png()]))
    assert.deepEqual([status, body['code']], [429, 'too-many-requests'])
    const read = await eva.get(`/v1/media/${kept}/content`)
    assert.deepEqual([read.status, read.body['code']], [429, 'too-many-requests'])
    for (const { socket } of uploads) socket.destroy()
    await until('there is room', async () => (await upload(api, eva, formOf(['file', png()]))).status === 201)
  })

  test('beyond the room of its user is refused; deleting gives room', async () => {
    const cid = await api.user('cid@example.com')
    const first = await upload(api, cid, formOf(['file', pdf(18 * MB)]))
    assert.equal(first.status, 201)
    const second = await upload(api, cid, formOf(['file', pdf(15 * MB)]))
    assert.deepEqual([second.status, second.body['code']], [409, 'media-limit'])
    assert.equal((await upload(api, cid, formOf(['file', pdf(10 * MB)]))).status, 201)
    assert.equal((await cid.call('DELETE', `/v1/media/${String(first.body['id'])}`)).status, 204)
    assert.equal((await upload(api, cid, formOf(['file', pdf(15 * MB)]))).status, 201)
  })
})

test('another user’s file looks like one that is not there, whatever is asked of it', async () => {
  const { body } = await upload(api, ana, formOf(['file', png()]))
  const missing = '00000000-0000-4000-8000-000000000000'
  for (const [method, rest] of [
    ['GET', ''],
    ['GET', '/content'],
    ['DELETE', ''],
  ] as const) {
    const foreign = await bob.call(method, `/v1/media/${String(body['id'])}${rest}`)
    const none = await bob.call(method, `/v1/media/${missing}${rest}`)
    assert.deepEqual([foreign.status, foreign.body], [404, none.body])
    assert.equal(foreign.body['code'], 'media-not-found')
  }
  assert.equal((await ana.get(`/v1/media/${String(body['id'])}`)).status, 200)
  assert.equal((await ana.get('/v1/media/..%2f..%2fusers')).status, 400)
})

test('deleted it is gone, bytes and all', async () => {
  const dora = await api.user('dora@example.com')
  const { body } = await upload(api, dora, formOf(['file', png(600_000)]))
  const path = `/v1/media/${String(body['id'])}`
  assert.equal((await dora.call('DELETE', path)).status, 204)
  for (const [method, of] of [
    ['GET', path],
    ['GET', `${path}/content`],
    ['DELETE', path],
  ] as const)
    assert.equal((await dora.call(method, of)).status, 404)
  assert.deepEqual(await leftOf(dora), [])
})

test('the list has one’s own, newest first, in pages', async () => {
  const finn = await api.user('finn@example.com')
  const ids: unknown[] = []
  for (let i = 0; i < 5; i++) ids.unshift((await upload(api, finn, formOf(['file', png()]))).body['id'])
  const first = await finn.get('/v1/media?limit=3')
  const second = await finn.get(`/v1/media?limit=3&cursor=${String(first.body['next'])}`)
  assert.deepEqual([...idsOf(first), ...idsOf(second)], ids)
  assert.equal(second.body['next'], null)
})

test('a role that may not send uploads nothing; a key that is limited to instances uploads, and reads no file', async () => {
  const gil = await api.user('gil@example.com')
  const made = await gil.post('/v1/api-keys', {
    name: 'k',
    scopes: ['messages:send', 'messages:read'],
    instances: ['sales'],
  })
  const key = { token: String(made.body['key']) }
  const { status, body } = await upload(api, key, formOf(['file', png()]))
  assert.equal(status, 201)
  const read = await fetch(`${api.url}/v1/media/${String(body['id'])}`, { headers: bearer(key) })
  assert.equal(read.status, 403)
  await api.admin.patch(`/v1/users/${gil.id}`, { role: 'viewer' })
  assert.equal((await upload(api, gil, formOf(['file', png()]))).status, 403)
})

test('an upload may take longer than any other request', async () => {
  assert.match(await slow, /^HTTP\/1\.1 201 /)
})

test('a process that ends breaks uploads off, tells so, and leaves nothing of them', async () => {
  const hal = await api.user('hal@example.com')
  const { answer } = beginUpload(hal, png(700_000))
  await until('a chunk is in', async () => (await leftOf(hal)).includes('chunks'))
  const startedAt = performance.now()
  await api.stopService()
  assert.ok(performance.now() - startedAt < 15_000)
  assert.match(await answer, /^HTTP\/1\.1 503 .*"unavailable"/s)
  assert.deepEqual(await leftOf(hal), [])
})

const ANNOUNCED = 5_000_000

/** Sends the beginning of a file, and no more. `answer` is all that comes back. */
function beginUpload(
  { token }: TestUser,
  bytes: Buffer,
  announced = ANNOUNCED,
): { socket: Socket; answer: Promise<string> } {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
  socket.write(
    `POST /v1/media HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${announced}\r\n` +
      `Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n\r\n${PART_HEAD}`,
  )
  socket.write(bytes)
  const answer = new Promise<string>((resolve) => {
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.on('error', () => {}).on('close', () => resolve(text))
  })
  return { socket, answer }
}

const DROP_EVERY_MS = 500
const PART_HEAD = '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'

/** A byte now and then, until long after the time that Node gives a request. */
async function slowUpload(user: TestUser): Promise<string> {
  const drops = (REQUEST_TIMEOUT_MS + 2 * LOOKS_EVERY_MS) / DROP_EVERY_MS
  const [head, end] = [png(100), '\r\n--b--\r\n']
  const { socket, answer } = beginUpload(user, head, PART_HEAD.length + head.length + drops + end.length)
  for (let drop = 0; drop < drops; drop++) {
    await sleep(DROP_EVERY_MS)
    socket.write('x')
  }
  socket.write(end)
  return await answer
}

async function contentOf(user: TestUser, id: string) {
  const response = await fetch(`${api.url}/v1/media/${id}/content`, { headers: bearer(user) })
  assert.equal(response.status, 200)
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}

function bearer({ token }: Readonly<{ token?: string | undefined }>) {
  return { authorization: `Bearer ${token}` }
}

function idsOf({ body }: Answer): unknown[] {
  return [body['data']].flat().map((each: unknown) => Object(each).id)
}

function filesOf({ id }: TestUser): Promise<number> {
  return api.store.db.collection('media').countDocuments({ user: id })
}

/** Which collections hold anything that can only be this user's: chunks of whom there is nothing else. */
async function leftOf({ id }: TestUser): Promise<string[]> {
  const { db } = api.store
  const files = await db.collection<{ _id: string; user: string }>('media').find({}).toArray()
  const known = files.filter(({ user }) => user !== id).map(({ _id }) => _id)
  const chunks = await db.collection('media.chunks').countDocuments({ files_id: { $nin: known } })
  return [...(files.some(({ user }) => user === id) ? ['media'] : []), ...(chunks > 0 ? ['chunks'] : [])]
}
