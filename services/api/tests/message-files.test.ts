import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { type Answer, faultyFields } from './client.ts'
import { waiting } from './ledger-messages.ts'
import { formOf, mp4, ogg, pdf, png, upload, webp } from './media-client.ts'

const DAY_MS = 86_400_000
let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
  assert.equal((await ana.post('/v1/instances', { name: 'sales' })).status, 201)
})
after(() => api.stop())

const TO = { instance: 'sales', to: '+5511999991000' }

test('a message names an uploaded file by its id, in a record that older consumers wait for', async () => {
  const id = await uploaded(png())
  const answer = await ana.post('/v1/messages', {
    ...TO,
    type: 'image',
    media: { id, fileName: 'cup.png' },
    caption: 'c',
  })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  const { v, content } = await recordOf(answer)
  assert.deepEqual({ v, content }, { v: 4, content: { media: { id, fileName: 'cup.png' }, caption: 'c' } })
})

test('every kind takes a file that it can be, and no other; the fault names the field', async () => {
  const picture = await uploaded(png())
  const film = await uploaded(mp4())
  const paper = await uploaded(pdf())
  const sound = await uploaded(ogg())
  const sticker = await uploaded(webp())
  const large = await uploaded(webp(501 * 1024))
  for (const [type, id, isFit] of [
    ['image', picture, true],
    ['image', paper, false],
    ['video', film, true],
    ['roundVideo', film, true],
    ['video', sound, false],
    ['audio', sound, true],
    ['voice', sound, true],
    ['voice', picture, false],
    ['sticker', sticker, true],
    ['sticker', large, false],
    ['document', paper, true],
    ['document', large, true],
  ] as const) {
    const answer = await ana.post('/v1/messages', { ...TO, type, media: { id } })
    assert.deepEqual([answer.status, faultyFields(answer)], isFit ? [202, []] : [400, ['media.id']], type)
  }
})

test('another user’s file, one that is deleted and one that never was are refused alike', async () => {
  const foreign = await uploaded(png(), bob)
  const deleted = await uploaded(png())
  await ana.call('DELETE', `/v1/media/${deleted}`)
  const answers: Answer[] = []
  for (const id of [foreign, deleted, '00000000-0000-4000-8000-000000000000'])
    answers.push(await ana.post('/v1/messages', { ...TO, type: 'image', media: { id } }))
  for (const answer of answers) assert.deepEqual([answer.status, answer.body], [400, answers[0]?.body])
  for (const media of [{}, { id: '../x' }, { id: foreign, url: 'https://93.184.216.34/a.png' }])
    assert.equal((await ana.post('/v1/messages', { ...TO, type: 'image', media })).status, 400)
})

test('a file lives a week longer than its message may wait, however late that may be sent', async () => {
  const id = await uploaded(png())
  const sendAt = new Date(Date.now() + 30 * DAY_MS)
  const message = { ...TO, type: 'image', media: { id } }
  assert.equal((await ana.post('/v1/messages', { ...message, sendAt, validateOnly: true })).status, 200)
  assert.ok((await expiryOf(id)) < Date.now() + 8 * DAY_MS)
  assert.equal((await ana.post('/v1/messages', { ...message, sendAt })).status, 202)
  assert.ok((await expiryOf(id)) >= sendAt.getTime() + 7 * DAY_MS)
  assert.equal((await ana.post('/v1/messages', message)).status, 202)
  assert.ok((await expiryOf(id)) >= sendAt.getTime() + 7 * DAY_MS)
})

test('put off, a message takes its file with it', async () => {
  const file = await uploaded(png())
  const message = { v: 4, type: 'image', content: { media: { id: file } } } as const
  const id = await waiting(api.store, ana.id, message)
  const sendAt = new Date(Date.now() + 60 * DAY_MS)
  assert.equal((await ana.patch(`/v1/messages/${id}`, { sendAt })).status, 200)
  assert.ok((await expiryOf(file)) >= sendAt.getTime() + 7 * DAY_MS)
})

test('rows of a batch name files, too; of each a fault is told alone', async () => {
  const [picture, paper] = [await uploaded(png()), await uploaded(pdf())]
  const answer = await ana.post('/v1/messages/batch', {
    instance: 'sales',
    messages: [
      { to: TO.to, text: 'hi' },
      { to: TO.to, type: 'image', media: { id: picture } },
      { to: TO.to, type: 'image', media: { id: paper } },
      { to: TO.to, type: 'document', media: { id: paper } },
      { to: TO.to, type: 'image', media: { base64: png().toString('base64') } },
    ],
  })
  const rows = [answer.body['results']].flat().map((row: unknown) => Object(row))
  assert.deepEqual(
    rows.map(({ status, errors }) => [status, errors?.[0]?.field]),
    [
      ['accepted', undefined],
      ['accepted', undefined],
      ['refused', 'media.id'],
      ['accepted', undefined],
      ['refused', 'media.base64'],
    ],
  )
  assert.match(rows[4]?.errors[0].message, /POST \/v1\/media/)
})

test('a small file may stand in its message, with a data prefix or without; the record has its id only', async () => {
  const bytes = Buffer.concat([png(100), Buffer.from('inline')])
  const base64 = bytes.toString('base64')
  const ids: unknown[] = []
  for (const text of [
    base64,
    `data:image/png;base64,${base64}`,
    `DATA:image/png;name=a.png;base64,${base64.replace(/.{76}/g, '$&\r\n')}`,
  ]) {
    const answer = await ana.post('/v1/messages', {
      ...TO,
      type: 'image',
      media: { base64: text, fileName: 'cup.png' },
    })
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    const { content } = await recordOf(answer)
    assert.ok('media' in content && 'id' in content.media)
    ids.push(content.media.id)
  }
  assert.equal(new Set(ids).size, 1)
  const content = await fetch(`${api.url}/v1/media/${String(ids[0])}/content`, {
    headers: { authorization: `Bearer ${ana.token}` },
  })
  assert.deepEqual(Buffer.from(await content.arrayBuffer()), bytes)
  assert.equal((await bob.get(`/v1/media/${String(ids[0])}`)).status, 404)
})

test('repeated with its key, a message with a file in it is the same message', async () => {
  const body = { ...TO, type: 'image', media: { base64: png(200).toString('base64') } }
  const first = await ana.post('/v1/messages', body, { 'idempotency-key': 'inline' })
  const again = await ana.post('/v1/messages', body, { 'idempotency-key': 'inline' })
  assert.deepEqual([again.status, again.body['id']], [202, first.body['id']])
})

test('what is no base64, or no file for its message, is refused with the field, and is not stored', async () => {
  const count = () => api.store.db.collection('media').countDocuments({})
  const before = await count()
  for (const base64 of [
    '',
    'data:image/png;base64,',
    'a',
    'a===',
    'https://example.com/a.png',
    7,
    pdf().toString('base64'),
  ]) {
    const answer = await ana.post('/v1/messages', { ...TO, type: 'image', media: { base64 } })
    assert.deepEqual([answer.status, faultyFields(answer)], [400, ['media.base64']], String(base64).slice(0, 30))
  }
  const lying = await ana.post('/v1/messages', {
    ...TO,
    type: 'document',
    media: { base64: png().toString('base64'), mimetype: 'application/pdf' },
  })
  assert.deepEqual([lying.status, faultyFields(lying)], [400, ['media.base64']])
  const trial = { ...TO, type: 'image', validateOnly: true }
  assert.equal(
    (await ana.post('/v1/messages', { ...trial, media: { base64: png(300).toString('base64') } })).status,
    200,
  )
  assert.equal(
    (await ana.post('/v1/messages', { ...trial, media: { base64: pdf(300).toString('base64') } })).status,
    400,
  )
  assert.equal(await count(), before)
})

test('a file that is too large for its message is told where to go', async () => {
  const media = { base64: png(60_000).toString('base64') }
  const { status, body } = await ana.post('/v1/messages', { ...TO, type: 'image', media })
  assert.deepEqual([status, body['code']], [413, 'too-large'])
  assert.match(String(body['detail']), /POST \/v1\/media/)
})

async function uploaded(bytes: Buffer, user = ana): Promise<string> {
  const { status, body } = await upload(api, user, formOf(['file', bytes]))
  assert.equal(status, 201, JSON.stringify(body))
  return String(body['id'])
}

async function recordOf({ body }: Answer) {
  const record = (await api.topics.messages()).find(({ id }) => id === body['id'])
  assert.ok(record)
  return record
}

async function expiryOf(id: string): Promise<number> {
  return Date.parse(String((await ana.get(`/v1/media/${id}`)).body['expiresAt']))
}
