import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  bodyHashOf,
  decodeMessageRecord,
  encodeMessageRecord,
  Message,
  type MessageRecord,
  RECORD_BYTES_MAX,
  recordVersionOf,
  textHashOf,
  whyNotSendable,
} from '../src/index.ts'
import { anyMessage, KINDS, messageOfKind } from './any-message.ts'

const KEY = Buffer.from('sales')

test('a message of every kind is read from the log as it was written', () => {
  for (const kind of KINDS)
    fc.assert(
      fc.property(messageOfKind(kind), (message) => {
        const record = recordOf(message)
        assert.deepEqual(decodeMessageRecord(encodeMessageRecord(record), KEY), { kind: 'record', record })
      }),
      { numRuns: 50 },
    )
})

test('readers of version 1 know a text with nothing besides, those of version 2 no file by its id; for the rest they wait', () => {
  fc.assert(
    fc.property(anyMessage(), (message) => {
      const isPlain = message.type === 'text' && Object.keys(message.content).length === 1
      const isUploaded = 'media' in message.content && 'id' in message.content.media
      assert.equal(recordVersionOf({ to: '+5511999991000', ...message }), isUploaded ? 4 : isPlain ? 1 : 2)
    }),
  )
})

test('under version 1 no other kind is read, nor anything of a text but its words', () => {
  const image = { ...recordOf(IMAGE), v: 1 }
  assert.equal(decodeMessageRecord(Buffer.from(JSON.stringify(image)), KEY).kind, 'undecodable')
  const text = { ...recordOf({ type: 'text', content: { text: 'a', linkPreview: false } }), v: 1 }
  const decoded = decodeMessageRecord(Buffer.from(JSON.stringify(text)), KEY)
  assert.deepEqual(decoded.kind === 'record' && decoded.record.content, { text: 'a' })
})

test('another content is another request', () => {
  fc.assert(
    fc.property(anyMessage(), anyMessage(), (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other)
      assert.equal(bodyHashOf(recordOf(one)) === bodyHashOf(recordOf(other)), isSame)
    }),
  )
})

test('a field that a kind does not have is a fault and is not dropped: without it another message would be sent', () => {
  for (const kind of KINDS)
    fc.assert(
      fc.property(messageOfKind(kind), ({ type, content }) => {
        const read = Message.safeParse({ type, content: { ...content, later: true } })
        assert.equal(read.success, false, type)
      }),
      { numRuns: 5 },
    )
})

test('faults of a content are named by their field', () => {
  const wrong: readonly (readonly [kind: string, content: unknown, field: string])[] = [
    ['image', {}, 'content.media'],
    ['image', { media: {} }, 'content.media'],
    ['image', { media: { url: 'https://example.com/x', id: FILE_ID } }, 'content.media'],
    ['image', { media: { id: '../x' } }, 'content.media.id'],
    ['image', { media: { url: 'x' } }, 'content.media.url'],
    ['image', { media: { url: 'ftp://example.com/x' } }, 'content.media.url'],
    ['image', { media: { url: 'https://minio/x' } }, 'content.media.url'],
    ['image', { media: { url: 'https://ana:secret@example.com/x' } }, 'content.media.url'],
    ['image', { media: { url: `https://example.com/${'x'.repeat(2082)}` } }, 'content.media.url'],
    ['image', { ...IMAGE.content, caption: 'x'.repeat(1025) }, 'content.caption'],
    ['document', { media: { url: 'https://example.com/x', fileName: '../x' } }, 'content.media.fileName'],
    ['voice', { media: { url: 'https://example.com/x', mimetype: 'sound' } }, 'content.media.mimetype'],
    ['location', { latitude: 91, longitude: 0 }, 'content.latitude'],
    ['location', { latitude: 0, longitude: 0, name: 'a\0b' }, 'content.name'],
    ['contacts', { contacts: [] }, 'content.contacts'],
    ['contacts', { contacts: [{ name: 'Ana\nTEL:1', phone: '+5511999991000' }] }, 'content.contacts.0.name'],
    ['contacts', { contacts: [{ name: 'Ana', phone: '+55119999' }] }, 'content.contacts.0.phone'],
    ['reaction', { target: 'not an id', emoji: '👍' }, 'content.target'],
    ['reaction', { target: { id: 'X', remoteJid: '1@g.us' }, emoji: '👍' }, 'content.target'],
    ['reaction', { target: { id: 'X' }, emoji: 'ok' }, 'content.emoji'],
    ['reaction', { target: { id: 'X' }, emoji: '7' }, 'content.emoji'],
    ['poll', { question: 'q', options: ['a'] }, 'content.options'],
    ['poll', { question: 'q', options: ['a', 'a'] }, 'content.options'],
    ['poll', { question: 'q', options: ['a', 'b'], selectableCount: 11 }, 'content.selectableCount'],
    ['list', { title: 't', buttonText: 'b', sections: [{ title: 's', rows: [ROW, ROW] }] }, 'content.sections'],
    ['buttons', { title: 't', buttons: [REPLY, REPLY, REPLY, REPLY] }, 'content.buttons'],
    ['buttons', { title: 't', buttons: [REPLY, { type: 'copy', text: 'c', code: '1' }] }, 'content.buttons'],
    ['buttons', { buttons: [REPLY] }, 'content.title'],
    ['template', { name: 'Hello World', language: 'pt_BR' }, 'content.name'],
    ['text', { text: 'hi', mentions: [] }, 'content.mentions'],
    ['gif', {}, 'type'],
  ]
  for (const [type, content, field] of wrong) {
    const value = Buffer.from(JSON.stringify({ ...recordOf(IMAGE), type, content }))
    const decoded = decodeMessageRecord(value, KEY)
    assert.ok(decoded.kind === 'undecodable' && decoded.reason === 'wrong-shape', `${type} ${field}`)
    assert.ok(decoded.detail.startsWith(`${field}: `) || decoded.detail.startsWith(`${field}.`), decoded.detail)
  }
})

test('a whole message of the largest contents that people send fits into a record', () => {
  const contacts = Array.from({ length: 50 }, (_, n) => ({
    name: `${n} ${'ã'.repeat(100)}`,
    phone: '+5511999991000',
    organization: 'ç'.repeat(100),
    email: 'ana@example.com',
    url: `https://example.com/${'x'.repeat(100)}`,
  }))
  assert.ok(encodeMessageRecord(recordOf({ type: 'contacts', content: { contacts } })).length <= RECORD_BYTES_MAX)
})

test('a text goes over every channel, a template over Meta’s alone, and a refusal says why', () => {
  for (const channel of ['baileys', 'business', 'evolution'] as const)
    assert.equal(whyNotSendable(channel, 'text'), undefined)
  assert.match(whyNotSendable('baileys', 'template') ?? '', /Meta/)
  assert.equal(whyNotSendable('business', 'template'), undefined)
  assert.match(whyNotSendable('business', 'poll') ?? '', /Evolution API/)
  assert.match(whyNotSendable('evolution', 'location') ?? '', /Evolution API/)
})

const IMAGE = { type: 'image', content: { media: { url: 'https://example.com/a.png' } } } as const
const FILE_ID = '019a0000-0000-7000-8000-000000000000'
const ROW = { id: 'a', title: 'A' }
const REPLY = { type: 'reply', text: 'Yes', id: 'yes' }

function recordOf(message: Message): MessageRecord {
  return {
    v: recordVersionOf({ to: '+5511999991000', ...message }),
    id: '019a0000-0000-7000-8000-000000000000',
    user: 'ana',
    instance: 'sales',
    instanceId: 'instance-1',
    to: '+5511999991000',
    ...message,
    bodyHash: textHashOf(''),
    priority: 'normal',
    onAmbiguous: 'resend',
    acceptedAt: '2026-01-01T00:00:00.000Z',
  }
}
