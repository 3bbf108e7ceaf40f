import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeEvolutionEvent,
  EVENT_RECORD_VERSION,
  type EvolutionEventRecord,
  encodeEvolutionEvent,
} from './evolution-event-record.ts'

const HEAD = {
  v: 1,
  instance: 'sales',
  instanceId: 'instance-1',
  receivedAt: '2026-01-01T00:00:00.000Z',
} as const

const EVENTS: readonly EvolutionEventRecord[] = [
  { ...HEAD, kind: 'receipt', keyId: '3EB0', status: 'READ' },
  { ...HEAD, kind: 'sent', keyId: '3EB0', remoteJid: '5511999991000@s.whatsapp.net', textHash: 'a'.repeat(64) },
  { ...HEAD, kind: 'sent', keyId: '3EB0', remoteJid: '1234@lid' },
  { ...HEAD, kind: 'connection' },
]

test('an event of each kind is read as it was written, without what nobody here uses', () => {
  for (const event of EVENTS) {
    assert.deepEqual(decodeEvolutionEvent(encodeEvolutionEvent(event)), { kind: 'record', record: event })
    const withText = Buffer.from(JSON.stringify({ ...event, text: 'secret' }))
    assert.deepEqual(decodeEvolutionEvent(withText), { kind: 'record', record: event })
  }
})

test('an event of a newer version waits for a newer reader, also when its kind is new', () => {
  const newer = EVENT_RECORD_VERSION + 1
  const value = Buffer.from(JSON.stringify({ ...HEAD, v: newer, kind: 'call' }))
  assert.deepEqual(decodeEvolutionEvent(value), { kind: 'newer', version: newer })
})

test('an event with a kind, status or field that this version does not know is undecodable, and nothing throws', () => {
  for (const wrong of [
    { ...HEAD, kind: 'call' },
    { ...HEAD, kind: 'receipt', keyId: '3EB0', status: 'SEEN' },
    { ...HEAD, kind: 'receipt', keyId: '', status: 'READ' },
    { ...HEAD, kind: 'sent', keyId: '3EB0' },
    { ...HEAD, kind: 'connection', instance: '../x' },
  ])
    assert.equal(decodeEvolutionEvent(Buffer.from(JSON.stringify(wrong))).kind, 'undecodable')
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
      decodeEvolutionEvent(Buffer.from(text))
    }),
  )
})
