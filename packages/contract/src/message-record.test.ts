import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { textHashOf } from './content/echo-hash.ts'
import { TEXT_LENGTH_MAX } from './content/text-content.ts'
import {
  bodyHashOf,
  decodeMessageRecord,
  encodeMessageRecord,
  type MessageRecord,
  RECORD_VERSION,
  type RequestedMessage,
  recordVersionOf,
} from './message-record.ts'
import { RECORD_BYTES_MAX } from './topics.ts'

const RECORD: MessageRecord = {
  v: 1,
  id: '019a0000-0000-7000-8000-000000000000',
  user: 'ana',
  instance: 'sales',
  instanceId: 'instance-1',
  to: '+5511999991000',
  type: 'text',
  content: { text: 'Olá 😀' },
  bodyHash: 'a'.repeat(64),
  priority: 'normal',
  onAmbiguous: 'resend',
  acceptedAt: '2026-01-01T00:00:00.000Z',
}

const KEY = Buffer.from('sales')

test('a record is read as it was written', () => {
  fc.assert(
    fc.property(anyRecord(), (record) => {
      const decoded = decodeMessageRecord(encodeMessageRecord(record), Buffer.from(record.instance))
      assert.deepEqual(decoded, { kind: 'record', record })
    }),
  )
})

test('a field that a later release has added does not stop an older reader, and is not passed on', () => {
  const value = encode({ ...RECORD, later: { some: 'thing' } })
  assert.deepEqual(decodeMessageRecord(value, KEY), { kind: 'record', record: RECORD })
})

test('a record of a newer version is told apart from a broken one, whatever else it holds', () => {
  const newer = RECORD_VERSION + 1
  assert.deepEqual(decodeMessageRecord(encode({ ...RECORD, v: newer }), KEY), { kind: 'newer', version: newer })
  assert.deepEqual(decodeMessageRecord(encode({ v: newer }), Buffer.from('other')), { kind: 'newer', version: newer })
})

test('a group or a hidden number is a recipient from version 3 on, and nothing else that looks like one', () => {
  const group = '120363041234567890@g.us'
  assert.equal(decodeMessageRecord(encode({ ...RECORD, v: 3, to: group }), KEY).kind, 'record')
  for (const v of [1, 2]) assert.equal(reasonOf(encode({ ...RECORD, v, to: group }), KEY), 'wrong-shape')
  for (const to of [
    '5511999991000',
    '5511999991000@s.whatsapp.net',
    'status@broadcast',
    '1@g.us',
    `${group}\n`,
    `x${group}`,
  ])
    assert.equal(reasonOf(encode({ ...RECORD, v: 3, to }), KEY), 'wrong-shape', to)
  assert.equal(recordVersionOf({ ...RECORD, to: group }), 3)
  assert.equal(recordVersionOf(RECORD), 1)
})

test('a record under another key, or none, is not decoded: it would break the order of two instances', () => {
  for (const key of [null, Buffer.from(''), Buffer.from('Sales'), Buffer.from('sales '), Buffer.from([0xff])])
    assert.equal(reasonOf(encode(RECORD), key), 'wrong-key')
})

test('what is no record says why', () => {
  assert.equal(reasonOf(null, KEY), 'empty')
  assert.equal(reasonOf(Buffer.alloc(0), KEY), 'empty')
  assert.equal(reasonOf(Buffer.from('{'), KEY), 'not-json')
  assert.equal(reasonOf(Buffer.from('['.repeat(60_000)), KEY), 'not-json')
  for (const value of [null, 1, 'x', [], {}, { v: 0 }, { v: -1 }, { v: 1.5 }, { v: '2' }, { v: 1e300 }])
    assert.equal(reasonOf(encode(value), KEY), 'wrong-shape', JSON.stringify(value))
})

test('a field out of its bounds is refused, and the reason names it', () => {
  const wrong: Partial<Record<keyof MessageRecord, unknown>> = {
    id: 'x',
    user: '',
    instance: '../sales',
    instanceId: '',
    to: '5511999991000',
    type: 'image',
    content: { text: 'x'.repeat(TEXT_LENGTH_MAX + 1) },
    bodyHash: 'a',
    priority: 'urgent',
    onAmbiguous: 'guess',
    acceptedAt: 'yesterday',
    sendAt: '2026-02-30T00:00:00Z',
    expiresAt: '2026-01-01T00:00:00+03:00',
    reference: 'x'.repeat(257),
    metadata: { a: 1 },
    traceparent: 'x'.repeat(65),
  }
  for (const [field, value] of Object.entries(wrong)) {
    const decoded = decodeMessageRecord(encode({ ...RECORD, [field]: value }), KEY)
    assert.ok(decoded.kind === 'undecodable' && decoded.reason === 'wrong-shape', field)
    assert.ok(decoded.detail.startsWith(field), decoded.detail)
  }
})

test('a name of metadata that the database cannot hold is refused here, where it stops nobody else', () => {
  assert.equal(reasonOf(encode({ ...RECORD, metadata: { 'a\0b': 'x' } }), KEY), 'wrong-shape')
})

test('the reason stays short, however much is wrong', () => {
  const metadata = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`name ${at}`, at]))
  const decoded = decodeMessageRecord(encode({ ...RECORD, metadata }), KEY)
  assert.ok(decoded.kind === 'undecodable' && decoded.detail.length === 1000)
})

test('no bytes make the decoder throw', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each))
  const json = fc.json().map((text) => Buffer.from(text))
  const nearly = fc
    .tuple(fc.constantFrom(...Object.keys(RECORD)), fc.jsonValue())
    .map(([field, value]) => encode({ ...RECORD, [field]: value }))
  fc.assert(
    fc.property(fc.oneof(bytes, json, nearly), fc.option(bytes), (value, key) => {
      decodeMessageRecord(value, key)
    }),
    { numRuns: 500 },
  )
})

test('the longest text fits into a record', () => {
  const longest = { ...RECORD, content: { text: '\u0001'.repeat(TEXT_LENGTH_MAX) } }
  assert.ok(encodeMessageRecord(longest).length <= RECORD_BYTES_MAX)
})

const REQUESTED: Required<Omit<RequestedMessage, 'ttlSeconds'>> = {
  instance: 'sales',
  to: '+5511999991000',
  type: 'text',
  content: { text: 'Hi' },
  onAmbiguous: 'resend',
  priority: 'normal',
  sendAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-01-02T00:00:00Z',
  reference: 'order',
  metadata: { a: '1', b: '2' },
}

test('the same request has the same hash, in whatever order its fields and metadata come', () => {
  const reversed = { ...REQUESTED, metadata: { b: '2', a: '1' } }
  assert.equal(bodyHashOf(reversed), bodyHashOf(REQUESTED))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (metadata) => {
      const backwards = Object.fromEntries(Object.entries(metadata).reverse())
      assert.equal(bodyHashOf({ ...REQUESTED, metadata: backwards }), bodyHashOf({ ...REQUESTED, metadata }))
    }),
  )
})

test('a change of any one field is another request', () => {
  const { sendAt: _sendAt, ...unscheduled } = REQUESTED
  const { expiresAt: _expiresAt, ...unending } = REQUESTED
  const { reference: _reference, ...unnamed } = REQUESTED
  const { metadata: _metadata, ...plain } = REQUESTED
  const changed: readonly RequestedMessage[] = [
    REQUESTED,
    { ...REQUESTED, instance: 'support' },
    { ...REQUESTED, to: '+5511999991001' },
    { ...REQUESTED, content: { text: 'Hi ' } },
    { ...REQUESTED, onAmbiguous: 'hold' },
    { ...REQUESTED, priority: 'bulk' },
    { ...REQUESTED, sendAt: '2026-01-01T00:00:01Z' },
    { ...REQUESTED, expiresAt: '2026-01-02T00:00:01Z' },
    { ...REQUESTED, sendAt: REQUESTED.expiresAt, expiresAt: REQUESTED.sendAt },
    { ...REQUESTED, reference: 'order2' },
    { ...REQUESTED, metadata: { a: '1' } },
    { ...REQUESTED, metadata: { a: '2', b: '1' } },
    { ...REQUESTED, metadata: { a: '1', b: '2', c: '' } },
    unscheduled,
    unending,
    { ...unscheduled, expiresAt: REQUESTED.sendAt },
    { ...REQUESTED, ttlSeconds: 60 },
    { ...REQUESTED, ttlSeconds: 61 },
    unnamed,
    plain,
  ]
  assert.equal(new Set(changed.map(bodyHashOf)).size, changed.length)
})

test('a time to live is the same request at every call, though it ends at another moment each time', () => {
  const at = (expiresAt: string) => bodyHashOf({ ...REQUESTED, expiresAt, ttlSeconds: 60 })
  assert.equal(at('2026-01-02T00:00:00Z'), at('2026-01-02T00:00:05Z'))
})

test('the hashes never change between releases', () => {
  assert.equal(bodyHashOf(REQUESTED), 'cff8469ca011477fcb527b9e538c40a14cf9f28259193e0ba0c9df42c984dae1')
  assert.equal(textHashOf('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

function reasonOf(value: Buffer | null, key: Buffer | null): string {
  const decoded = decodeMessageRecord(value, key)
  return decoded.kind === 'undecodable' ? decoded.reason : decoded.kind
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function anyRecord(): fc.Arbitrary<MessageRecord> {
  const text = (maxLength: number, minLength = 0) => fc.string({ unit: 'binary', minLength, maxLength })
  const time = fc
    .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    .map((each) => each.toISOString())
  const name = text(20).filter((each) => !each.includes('\0') && each !== '__proto__')
  return fc.record(
    {
      v: fc.constant(RECORD_VERSION),
      id: fc.uuid(),
      user: text(32, 1),
      instance: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
      instanceId: text(32, 1),
      to: fc.oneof(
        fc.stringMatching(/^\+\d{7,15}$/),
        fc.constantFrom('120363041234567890@g.us', '5511999991000-1388888888@g.us', '123456789012345@lid'),
      ),
      type: fc.constant('text'),
      content: fc.record({ text: text(300, 1) }, { noNullPrototype: true }),
      bodyHash: fc.stringMatching(/^[\da-f]{64}$/),
      priority: fc.constantFrom('high', 'normal', 'bulk'),
      onAmbiguous: fc.constantFrom('resend', 'hold'),
      acceptedAt: time,
      sendAt: time,
      expiresAt: time,
      reference: text(100),
      batch: fc.uuid(),
      metadata: fc.dictionary(name, text(50), { noNullPrototype: true }),
      labels: fc.record({ senderName: text(20), receiverName: text(20) }, { requiredKeys: [], noNullPrototype: true }),
      traceparent: text(32),
    },
    {
      requiredKeys: [
        'v',
        'id',
        'user',
        'instance',
        'instanceId',
        'to',
        'type',
        'content',
        'bodyHash',
        'priority',
        'onAmbiguous',
        'acceptedAt',
      ],
      noNullPrototype: true,
    },
  )
}
