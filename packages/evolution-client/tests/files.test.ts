import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Message } from '@whatsapp-sender/contract'
import { createEvolutionClient, type EvolutionClient, type FileToSend } from '../src/index.ts'
import { answerJson, startServer } from './server.ts'

const NUMBER = '5511999991000'
const ID = '019a0000-0000-7000-8000-000000000000'
const FACTS = { mimetype: 'image/png', fileName: 'cup.png' }
const media = { id: ID }

/** Each kind that carries a file, its route, where the bytes go, and the body besides. */
const SENT: readonly (readonly [message: Message, route: string, field: string, body: object])[] = [
  [
    { type: 'image', content: { media, caption: 'c' } },
    'sendMedia',
    'media',
    { mediatype: 'image', caption: 'c', ...FACTS },
  ],
  [{ type: 'video', content: { media } }, 'sendMedia', 'media', { mediatype: 'video', ...FACTS }],
  [
    { type: 'document', content: { media: { ...media, fileName: 'bill.pdf' } } },
    'sendMedia',
    'media',
    { mediatype: 'document', mimetype: 'image/png', fileName: 'bill.pdf' },
  ],
  [
    { type: 'audio', content: { media: { ...media, mimetype: 'audio/mpeg' } } },
    'sendMedia',
    'media',
    { mediatype: 'audio', mimetype: 'audio/mpeg', fileName: 'cup.png' },
  ],
  [{ type: 'voice', content: { media } }, 'sendWhatsAppAudio', 'audio', {}],
  [{ type: 'sticker', content: { media } }, 'sendSticker', 'sticker', {}],
  [{ type: 'roundVideo', content: { media } }, 'sendPtv', 'video', FACTS],
]

test('an uploaded file goes into the field of its kind as plain base64, with its type and its name', async () => {
  for (const [message, route, field, body] of SENT) {
    const bytes = randomBytes(10)
    const { url, sent } = await sentWith(message, fileOf(bytes))
    assert.equal(url, `/message/${route}/sales`)
    assert.deepEqual(sent, { number: NUMBER, ...body, [field]: bytes.toString('base64') }, message.type)
  }
})

test('whatever its size and wherever its pieces end, it arrives as it was', async () => {
  for (const size of [1, 2, 3, 4, 261_120, 261_121, 1_000_000])
    for (const piece of [1000, 261_120]) {
      const bytes = randomBytes(size)
      const { sent } = await sentWith(SENT[0]?.[0], fileOf(bytes, piece))
      assert.ok(sent['media'] === bytes.toString('base64'), `${size} in pieces of ${piece}`)
    }
})

test('a file that cannot be read to its end is never sent as if it were whole, and its server is not to blame', async () => {
  for (const broken of [
    failing(randomBytes(600_000)),
    { ...fileOf(randomBytes(600_000), 200_000), size: 600_001 },
    { ...fileOf(randomBytes(600_000), 200_000), size: 599_999 },
  ]) {
    await using server = await startServer((response) => answerJson(response, 201, { key: { id: '3EB0' } }))
    const client = clientOf(server.url)
    const result = await send(client, SENT[0]?.[0], broken)
    assert.ok(result.kind === 'failed')
    assert.deepEqual(
      [result.failure.kind, result.failure.code, result.failure.ofServer],
      ['transient', 'file-unreadable', undefined],
    )
    assert.deepEqual(server.seen, [])
    assert.equal((await send(client, SENT[0]?.[0], fileOf(randomBytes(10)))).kind, 'sent')
    await client.close()
  }
})

test('a file is not opened for a request that never leaves', async () => {
  await using server = await startServer((response) => answerJson(response, 201, { key: { id: '3EB0' } }))
  const client = clientOf(server.url)
  const file = { ...fileOf(randomBytes(10)), open: () => assert.fail('opened') }
  const result = await client.send({
    ...MESSAGE,
    message: { type: 'sticker', content: { media } },
    file,
    mayStart: () => false,
  })
  assert.equal(result.kind === 'failed' && result.failure.code, 'started-too-late')
  await client.close()
})

test('of a large file a small part is in memory at a time, however slowly the server takes it', async () => {
  const piece = Buffer.alloc(261_120)
  const count = 200
  let read = 0
  let taken = 0
  let aheadMax = 0
  const file: FileToSend = {
    size: piece.length * count,
    type: 'application/pdf',
    fileName: 'a.pdf',
    async *open() {
      for (let i = 0; i < count; i += 1) {
        read += piece.length
        aheadMax = Math.max(aheadMax, read - (taken * 3) / 4)
        yield piece
      }
    },
  }
  await using server = await startServer(
    (response) => answerJson(response, 201, { key: { id: '3EB0' } }),
    (bytes) => {
      taken += bytes
    },
  )
  const client = clientOf(server.url)
  assert.equal((await send(client, { type: 'document', content: { media } }, file)).kind, 'sent')
  // What the sockets of both sides take is the system's.
  assert.ok(aheadMax < 12 * 1024 * 1024, `${aheadMax} bytes were read ahead`)
  await client.close()
})

const MESSAGE = { instance: 'sales', apiKey: 'key', number: NUMBER }

function clientOf(baseUrl: string): EvolutionClient {
  return createEvolutionClient({ baseUrl, globalKey: 'global', connections: 1 })
}

function send(client: EvolutionClient, message: Message | undefined, file: FileToSend) {
  assert.ok(message)
  return client.send({ ...MESSAGE, message, file })
}

async function sentWith(message: Message | undefined, file: FileToSend) {
  await using server = await startServer((response) => answerJson(response, 201, { key: { id: '3EB0' } }))
  const client = clientOf(server.url)
  assert.deepEqual(await send(client, message, file), { kind: 'sent', providerMessageId: '3EB0', remoteJid: undefined })
  await client.close()
  const [seen] = server.seen
  assert.ok(seen)
  const sent: Record<string, unknown> = JSON.parse(seen.body)
  return { url: seen.url, sent }
}

function fileOf(bytes: Buffer, piece = 4): FileToSend {
  async function* open(): AsyncGenerator<Buffer> {
    for (let from = 0; from < bytes.length; from += piece) yield bytes.subarray(from, from + piece)
  }
  return { size: bytes.length, type: FACTS.mimetype, fileName: FACTS.fileName, open }
}

function failing(bytes: Buffer): FileToSend {
  async function* open(): AsyncGenerator<Buffer> {
    yield bytes
    throw new Error('the database is away')
  }
  return { ...fileOf(bytes), size: bytes.length + 1000, open }
}
