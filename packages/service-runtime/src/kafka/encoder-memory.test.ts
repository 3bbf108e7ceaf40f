import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { takeEncoderMemoryFromPool } from './encoder-memory.ts'

const require = createRequire(import.meta.url)

type Encoder = Readonly<{
  buf: Buffer
  buffer: Buffer
  writeBuffer(bytes: Buffer): Encoder
  writeInt32(value: number): Encoder
}>

test('what kafkajs encodes is the same as before, whatever its size, and comes from the pool', () => {
  const own = sizes().map(encode)
  assert.equal(takeEncoderMemoryFromPool(), true)
  const pooled = sizes().map(encode)
  assert.deepEqual(pooled, own)
  const made = newEncoder().writeInt32(7)
  assert.equal(made.buffer.length, 4)
  assert.ok(made.buf.buffer.byteLength > made.buf.length, 'it is a part of something larger')
})

test('an encoder that outgrows its memory keeps what it has', () => {
  takeEncoderMemoryFromPool()
  const piece = Buffer.from('0123456789'.repeat(30))
  const encoder = newEncoder()
  for (let n = 0; n < 100; n += 1) encoder.writeBuffer(piece)
  assert.deepEqual(encoder.buffer, Buffer.concat(Array.from({ length: 100 }, () => piece)))
})

function newEncoder(): Encoder {
  const Encoder: new () => Encoder = require('kafkajs/src/protocol/encoder.js')
  return new Encoder()
}

/** From nothing over both sides of every doubling to a record of a megabyte. */
function sizes(): readonly number[] {
  return [0, 1, 400, 511, 512, 513, 1023, 1024, 1025, 4000, 8192, 100_000, 1_000_000]
}

/** As it goes to the broker. */
function encode(size: number): string {
  const record: (record: object) => Encoder = require('kafkajs/src/protocol/recordBatch/record/v0')
  const headers = { 'message-id': 'a'.repeat(Math.min(size, 2000)) }
  const value = Buffer.alloc(size, 'x')
  return record({ offsetDelta: 1, timestampDelta: 2, key: 'sales', value, headers }).buffer.toString('base64')
}
