import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeMessageRecord, RECORD_VERSION, TOPIC_RETENTION_MS } from '@whatsapp-sender/contract'
import fc from 'fast-check'
import type { IHeaders, KafkaMessage } from 'kafkajs'
import { messageRecord } from '../../tests/support/ingested-message.ts'
import { decodeBatch } from './decode-batch.ts'

const NOW = Date.parse('2026-01-02T00:00:00Z')

test('a record becomes a message at its place, and its owner is told when it is another', () => {
  const { messages, undecodable, newerAt } = decode([record(7, {}), record(8, { instance: 'foreign' })])
  assert.deepEqual(
    messages.map(({ offset, appendedAt, wake, record: { instance } }) => [offset, appendedAt, wake, instance]),
    [
      [7n, NOW, false, 'sales'],
      [8n, NOW, true, 'foreign'],
    ],
  )
  assert.deepEqual([undecodable, newerAt], [[], undefined])
})

test('poison is set aside with its reason, and what is around it goes on', () => {
  const { messages, undecodable } = decode([
    record(1, {}),
    raw(2, 'not { json'),
    raw(3, null),
    raw(4, '{"v":1}'),
    { ...record(5, {}), key: null },
    { ...record(6, {}), key: Buffer.from('other') },
    record(7, {}),
  ])
  assert.deepEqual(
    messages.map(({ offset }) => offset),
    [1n, 7n],
  )
  assert.deepEqual(
    undecodable.map(({ message, reason }) => [message.offset, reason]),
    [
      ['2', 'not-json'],
      ['3', 'empty'],
      ['4', 'wrong-shape'],
      ['5', 'wrong-key'],
      ['6', 'wrong-key'],
    ],
  )
})

test('whatever bytes come, nothing is thrown and every record is accounted for', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(json)),
    fc.object().map((fields) => Buffer.from(JSON.stringify({ ...messageRecord(), ...fields }))),
  )
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const { messages, undecodable, newerAt } = decode(values.map((each, n) => ({ ...raw(n, ''), value: each })))
      const read = newerAt === undefined ? values.length : Number(newerAt)
      assert.equal(messages.length + undecodable.length, read)
    }),
  )
})

test('unknown fields of a known version do no harm', () => {
  const value = Buffer.from(JSON.stringify({ ...messageRecord(), added: { later: true } }))
  assert.equal(decode([{ ...record(1, {}), value }]).messages.length, 1)
})

test('a record of a newer version cuts the batch: nothing from there on is taken', () => {
  const newer = { ...record(2, {}), value: Buffer.from(JSON.stringify({ ...messageRecord(), v: RECORD_VERSION + 1 })) }
  const { messages, undecodable, newerAt } = decode([record(1, {}), newer, record(3, {}), raw(4, 'bad')])
  assert.deepEqual([messages.length, undecodable.length, newerAt], [1, 0, '2'])
})

test('a record that outlived the topic is not sent again: its row may be gone', () => {
  const { messages, undecodable } = decode([
    { ...record(1, {}), timestamp: String(NOW - TOPIC_RETENTION_MS - 1) },
    { ...record(2, {}), timestamp: String(NOW - TOPIC_RETENTION_MS) },
  ])
  assert.deepEqual([messages.length, undecodable[0]?.reason], [1, 'too-old'])
})

test('the append time never goes back, neither in a batch nor from one batch to the next', () => {
  const times = [NOW - 500, NOW - 900, NOW - 400]
  const batch = times.map((time, n) => ({ ...record(n, {}), timestamp: String(time) }))
  const appended = (from: number) => decode(batch, { appendedAtMin: from }).messages.map((each) => each.appendedAt)
  assert.deepEqual(appended(0), [NOW - 500, NOW - 500, NOW - 400])
  assert.deepEqual(appended(NOW - 450), [NOW - 450, NOW - 450, NOW - 400])
})

test('records of the system before are read when they are accepted, but never one whose key is wrong', () => {
  const old = raw(1, '{"instance":"sales"}')
  const decodeOld = () => messageRecord({ user: 'of the old one' })
  assert.equal(decode([old], { decodeOld }).messages[0]?.record.user, 'of the old one')
  assert.equal(decode([old]).undecodable.length, 1)
  assert.equal(decode([{ ...record(2, {}), key: Buffer.from('other') }], { decodeOld }).undecodable.length, 1)
})

test('a message stays in the trace that its header names, if traces are kept, and garbage there costs it nothing', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const traceOf = (header: IHeaders[string], keepsTraces = true) => {
    const { size: _, ...rest } = record(1, {})
    const headers: IHeaders = header === undefined ? {} : { traceparent: header }
    const [message] = decode([{ ...rest, headers }], { keepsTraces }).messages
    assert.ok(message)
    return message.record.traceparent
  }
  assert.equal(traceOf(Buffer.from(traceparent)), traceparent)
  assert.equal(traceOf(traceparent.replace('00-', '01-').concat('-later')), traceparent)
  for (const header of [undefined, '', 'garbage', Buffer.from([0xff, 0]), [traceparent, traceparent]]) {
    assert.equal(traceOf(header), undefined)
  }
  assert.equal(traceOf(traceparent, false), undefined)
})

function decode(batch: readonly KafkaMessage[], more: Partial<Parameters<typeof decodeBatch>[1]> = {}) {
  const isOwn = (instance: string) => instance === 'sales'
  return decodeBatch(batch, { now: NOW, appendedAtMin: 0, isOwn, keepsTraces: false, decodeOld: undefined, ...more })
}

function record(offset: number, facts: Parameters<typeof messageRecord>[0]): KafkaMessage {
  const message = messageRecord(facts)
  return { ...raw(offset, ''), key: Buffer.from(message.instance), value: encodeMessageRecord(message) }
}

function raw(offset: number, value: string | null): KafkaMessage {
  return {
    key: Buffer.from('sales'),
    value: value === null ? null : Buffer.from(value),
    timestamp: String(NOW),
    attributes: 0,
    offset: String(offset),
    headers: {},
  }
}
