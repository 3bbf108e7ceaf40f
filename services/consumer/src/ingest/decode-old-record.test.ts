import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMessageRecord, encodeMessageRecord, textOf } from '@whatsapp-sender/contract'
import { SALES } from '../../tests/support/instance.ts'
import { decodeOldRecord } from './decode-old-record.ts'

const OLD = { instance: 'sales', recipient_number: '5511999991000', message: 'hello' }

test('a record of the system before becomes a whole message of the owner of its instance', () => {
  const record = decode(OLD)
  assert.ok(record !== undefined)
  assert.equal(decodeMessageRecord(encodeMessageRecord(record), Buffer.from('sales')).kind, 'record')
  assert.deepEqual(
    [record.user, record.instanceId, record.to, textOf(record)],
    ['ana', 'sales-1', '+5511999991000', 'hello'],
  )
})

test('read again it is the same message, and the next record is another', () => {
  assert.equal(decode(OLD, '7')?.id, decode(OLD, '7')?.id)
  assert.notEqual(decode(OLD, '7')?.id, decode(OLD, '8')?.id)
})

test('a number without a country code is one of the country that is set', () => {
  assert.equal(decode({ ...OLD, recipient_number: '(11) 99999-1000' })?.to, '+5511999991000')
})

test('what has no known instance, no number or no text is left as undecodable', () => {
  const wrong = [
    { ...OLD, instance: 'unknown' },
    { ...OLD, recipient_number: 'abc' },
    { ...OLD, message: '' },
    {},
    'x',
    null,
  ]
  for (const each of wrong) assert.equal(decode(each), undefined)
})

function decode(value: unknown, offset = '7') {
  const message = {
    key: null,
    value: Buffer.from(JSON.stringify(value)),
    timestamp: '1767225600000',
    attributes: 0,
    offset,
    headers: {},
  }
  return decodeOldRecord(message, {
    topic: 'messages',
    partition: 3,
    instanceOf: (name) => (name === SALES.name ? SALES : undefined),
    defaultCountry: 'BR',
  })
}
