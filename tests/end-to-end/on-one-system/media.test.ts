import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, test } from 'node:test'
import { cupPicture, emptyPdf, spokenSound } from '../../phone/drawn-media.ts'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

/** What the phone shows of a message. */
type Shown = Readonly<{
  keyId: string
  kind: string
  content: Readonly<{ media: Readonly<{ id: string; mimetype: string; fileName?: string }>; caption?: string }>
}>

const TO = '+5511999991000'
let system: System
let token: string
before(async () => {
  system = await sharedSystem()
  await system.admin.createInstance('files')
  const { body } = await system.admin.call<{ key: string }>('POST', '/v1/api-keys', {
    name: 'uploads',
    scopes: ['messages:send'],
  })
  token = body.key
})

const FILM = Buffer.concat([
  Buffer.from('000000186674797069736f6d0000020069736f6d69736f32', 'hex'),
  randomBytes(700_000),
])

/** Frames of an MP3. */
const SONG = Buffer.alloc(417 * 5)
for (let at = 0; at < SONG.length; at += 417) SONG.writeUInt32BE(0xfffb9064, at)

/** The file that each kind carries, and what the phone says of it. */
const FILES: readonly (readonly [asked: Record<string, unknown>, kind: string, bytes: Buffer, facts: object])[] = [
  [{ type: 'image', caption: 'The cup' }, 'image', cupPicture(), { mimetype: 'image/png', fileName: 'given.bin' }],
  [{ type: 'video', caption: 'The film' }, 'video', FILM, { mimetype: 'video/mp4', fileName: 'given.bin' }],
  [{ type: 'document' }, 'document', emptyPdf(), { mimetype: 'application/pdf', fileName: 'given.bin' }],
  [
    { type: 'document' },
    'document',
    Buffer.concat([Buffer.from('plain '), randomBytes(1_000_000)]),
    { fileName: 'given.bin' },
  ],
  [{ type: 'voice' }, 'voice', spokenSound(), {}],
  [{ type: 'audio' }, 'audio', SONG, { mimetype: 'audio/mpeg' }],
  [{ type: 'sticker' }, 'sticker', cupPicture(100), {}],
  [{ type: 'roundVideo' }, 'round-video', FILM, { mimetype: 'video/mp4' }],
]

for (const [asked, kind, bytes, facts] of FILES)
  test(`an uploaded file of ${bytes.length} bytes arrives on the phone as ${kind}, byte for byte`, async () => {
    const id = await upload(bytes)
    const shown = await shownOf(await accepted({ ...asked, media: { id } }))
    assert.equal(shown.kind, kind)
    assert.partialDeepStrictEqual(shown.content.media, facts)
    assert.equal(shown.content.caption, asked['caption'])
    assert.equal(Buffer.compare(await bytesOnPhone(shown), bytes), 0)
  })

test('a file in the message itself arrives the same way, without its prefix', async () => {
  const bytes = cupPicture(60)
  const media = { base64: `data:image/png;base64,${bytes.toString('base64')}`, fileName: 'cup.png' }
  const shown = await shownOf(await accepted({ type: 'image', media }))
  assert.partialDeepStrictEqual(shown.content.media, { mimetype: 'image/png', fileName: 'cup.png' })
  assert.equal(Buffer.compare(await bytesOnPhone(shown), bytes), 0)
})

test('a message whose file is gone when its turn comes fails, says why, and does not hold up the next', async () => {
  const file = await upload(emptyPdf())
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  const id = await accepted({ type: 'document', media: { id: file }, sendAt })
  const next = await accepted({ text: 'after it', sendAt })
  for (const message of [id, next]) await system.admin.follow(message, ['scheduled'])
  const removed = await system.admin.call('DELETE', `/v1/media/${file}`)
  assert.equal(removed.status, 204)
  for (const message of [id, next]) {
    const { status } = await system.admin.call('PATCH', `/v1/messages/${message}`, { sendAt: null })
    assert.equal(status, 200)
  }
  await system.admin.follow(id, ['failed'])
  const { body } = await system.admin.call<{ reason: { code: string } }>('GET', `/v1/messages/${id}`)
  assert.equal(body.reason.code, 'media-gone')
  await system.admin.follow(next, ['sent', 'delivered', 'read'])
})

async function upload(bytes: Buffer): Promise<string> {
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(bytes)]), 'given.bin')
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${system.apiUrl}/v1/media`, { method: 'POST', headers, body: form })
  const body: { id: string } = JSON.parse(await answer.text())
  assert.equal(answer.status, 201, JSON.stringify(body))
  return body.id
}

async function accepted(asked: Record<string, unknown>): Promise<string> {
  const answer = await system.admin.call<{ id: string }>('POST', '/v1/messages', {
    instance: 'files',
    to: TO,
    ...asked,
  })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.id
}

async function shownOf(id: string): Promise<Shown> {
  const { providerMessageId } = await system.admin.follow(id, ['sent', 'delivered', 'read'])
  const answer = await fetch(`${system.gateway.url}/sandbox/view`)
  const view: { messages: Shown[] } = JSON.parse(await answer.text())
  const shown = view.messages.find(({ keyId }) => keyId === providerMessageId)
  assert.ok(shown)
  return shown
}

async function bytesOnPhone({ content }: Shown): Promise<Buffer> {
  const answer = await fetch(`${system.gateway.url}/sandbox/media/${content.media.id}`)
  assert.equal(answer.status, 200)
  return Buffer.from(await answer.arrayBuffer())
}
