import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EvolutionEventRecord, encodeEvolutionEvent, ReceiptStatus } from '@whatsapp-sender/contract'
import { decodeEvents } from './decode-events.ts'

const HEAD = { v: 1, instance: 'sales', instanceId: 'i', receivedAt: '2026-01-02T03:04:05.000Z' } as const

test('only the words that move a message become receipts', () => {
  const events = ReceiptStatus.options.map((status) => ({ ...HEAD, kind: 'receipt' as const, keyId: 'k', status }))
  const { receipts } = decodeEvents(records(...events))
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['ERROR', 'DELIVERY_ACK', 'READ', 'PLAYED'],
  )
  assert.deepEqual(receipts[0], { instanceId: 'i', keyId: 'k', status: 'ERROR', at: new Date(HEAD.receivedAt) })
})

test('an instance that reports often is looked at once', () => {
  const { checks } = decodeEvents(records({ ...HEAD, kind: 'connection' }, { ...HEAD, kind: 'connection' }))
  assert.deepEqual(checks, ['i'])
})

test('nothing is read from a record of a later version on', () => {
  const [first, , last] = records(connection('a'), connection('b'), connection('c'))
  assert.ok(first && last)
  const decoded = decodeEvents([first, { offset: '1', value: Buffer.from('{"v":2,"kind":"reaction"}') }, last])
  assert.deepEqual(decoded.checks, ['a'])
  assert.equal(decoded.lastOffset, '0')
  assert.deepEqual(decoded.newer, { offset: '1', version: 2 })
})

test('a record of a later version at the very beginning leaves nothing to commit', () => {
  const decoded = decodeEvents([{ offset: '7', value: Buffer.from('{"v":2}') }])
  assert.equal(decoded.lastOffset, undefined)
})

test('what cannot be decoded is set aside with its record, and the rest is read', () => {
  const garbage = { offset: '0', value: Buffer.from('garbage') }
  const decoded = decodeEvents([garbage, ...records(connection('a'))])
  assert.deepEqual(decoded.undecodable, [{ record: garbage, reason: 'not-json', detail: 'the value is not JSON' }])
  assert.deepEqual(decoded.checks, ['a'])
})

function connection(instanceId: string): EvolutionEventRecord {
  return { ...HEAD, instanceId, kind: 'connection' }
}

function records(...events: EvolutionEventRecord[]) {
  return events.map((event, index) => ({ offset: String(index), value: encodeEvolutionEvent(event) }))
}
