import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c } from './crc32c.ts'
import { encodeRecord, type KafkaRecord } from './encode-record.ts'
import { useOwnEncoders } from './own-encoders.ts'

const require = createRequire(import.meta.url)

type Encoder = Readonly<{
  buf: Buffer
  buffer: Buffer
  writeBuffer(bytes: Buffer): Encoder
  writeInt32(value: number): Encoder
}>

const kafkajs: Readonly<{ crc32c(bytes: Buffer): number; encodeRecord(record: object): Encoder }> = {
  crc32c: require('kafkajs/src/protocol/recordBatch/crc32C'),
  encodeRecord: require('kafkajs/src/protocol/recordBatch/record/v0'),
}

const bytes = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.uint8Array({ maxLength: 9000 }).map((content) => Buffer.from(content)),
)
const deltas = fc.oneof(fc.nat(300), fc.integer(), fc.integer({ min: -(2 ** 40), max: 2 ** 40 }))
const records: fc.Arbitrary<KafkaRecord> = fc.record({
  timestampDelta: deltas,
  offsetDelta: fc.nat(),
  key: fc.option(bytes, { nil: null }),
  value: fc.option(bytes, { nil: null }),
  headers: fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })), {
    maxKeys: 4,
  }),
})

test('kafkajs loads none of its requests before it sends one', async () => {
  await import('kafkajs')
  assert.equal(require.cache[require.resolve('kafkajs/src/protocol/requests/produce/v3/request.js')], undefined)
  assert.equal(require.cache[require.resolve('kafkajs/src/protocol/recordBatch/v0/index.js')], undefined)
})

test('a record has the bytes that kafkajs gives it, whatever is in it', () => {
  fc.assert(
    fc.property(records, (record) => {
      assert.deepEqual(encodeRecord(record).buffer, kafkajs.encodeRecord(record).buffer)
    }),
  )
})

test('a checksum is the one that kafkajs makes, however long the bytes', () => {
  // RFC 3720, appendix B.4.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa)
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (content) => {
      assert.equal(crc32c(content), kafkajs.crc32c(Buffer.from(content)))
    }),
  )
})

test('what a producer asks for is encoded by us, and is the same as before', async () => {
  const own = await encodedRequest()
  assert.equal(useOwnEncoders(), true)
  assert.equal(require('kafkajs/src/protocol/recordBatch/record/v0'), encodeRecord)
  assert.equal(require('kafkajs/src/protocol/recordBatch/crc32C'), crc32c)
  // As if for the first time: these two have kept what was there before.
  for (const path of ['requests/produce/v3/request.js', 'recordBatch/v0/index.js'])
    delete require.cache[require.resolve(`kafkajs/src/protocol/${path}`)]
  assert.equal(await encodedRequest(), own)
})

test('an encoder that outgrows its memory keeps what it has, and takes it from the pool', () => {
  useOwnEncoders()
  const piece = Buffer.from('0123456789'.repeat(30))
  const encoder = newEncoder()
  for (let n = 0; n < 100; n += 1) encoder.writeBuffer(piece)
  assert.deepEqual(encoder.buffer, Buffer.concat(Array.from({ length: 100 }, () => piece)))
  const small = newEncoder().writeInt32(7)
  assert.equal(small.buffer.length, 4)
  assert.ok(small.buf.buffer.byteLength > small.buf.length, 'it is a part of something larger')
})

function newEncoder(): Encoder {
  const Encoder: new () => Encoder = require('kafkajs/src/protocol/encoder.js')
  return new Encoder()
}

/** As it goes to the broker, without the times in it. */
async function encodedRequest(): Promise<string> {
  const produce: (
    o: object,
  ) => Readonly<{ encode(): Promise<Encoder> }> = require('kafkajs/src/protocol/requests/produce/v3/request.js')
  const messages = [0, 1, 400, 511, 512, 513, 8192, 100_000, 1_000_000].map((size) => ({
    key: 'sales',
    value: Buffer.alloc(size, 'x'),
    headers: { 'message-id': 'a'.repeat(Math.min(size, 2000)) },
    timestamp: 1_700_000_000_000 + size,
  }))
  const topicData = [{ topic: 'messages', partitions: [{ partition: 3, firstSequence: 7, messages }] }]
  return (await produce({ acks: -1, timeout: 5000, topicData }).encode()).buffer.toString('base64')
}
