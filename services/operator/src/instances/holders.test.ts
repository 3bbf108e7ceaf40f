import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHolders } from './holders.ts'

test('of two resources that want one instance the older has it, whichever was seen first', () => {
  const holders = createHolders()
  holders.note('ns/young', resource('young', { instanceName: 'support' }, '2026-01-02T00:00:00Z'))
  assert.equal(holders.holderOf('wa', 'support'), 'ns/young')
  const affected = holders.note('ns/support', resource('support', {}, '2026-01-01T00:00:00Z'))
  assert.deepEqual([...affected].sort(), ['ns/support', 'ns/young'])
  assert.equal(holders.holderOf('wa', 'support'), 'ns/support')
  assert.deepEqual([...holders.note('ns/support', undefined)].sort(), ['ns/support', 'ns/young'])
  assert.equal(holders.holderOf('wa', 'support'), 'ns/young')
})

test('of two of the same second it is always the same one', () => {
  const holders = createHolders()
  for (const name of ['b', 'a'])
    holders.note(`ns/${name}`, resource(name, { instanceName: 'x' }, '2026-01-01T00:00:00Z'))
  assert.equal(holders.holderOf('wa', 'x'), 'ns/a')
})

test('the same name at two senders is two instances', () => {
  const holders = createHolders()
  holders.note('ns/a', resource('a', { instanceName: 'x' }))
  holders.note('ns/b', resource('b', { instanceName: 'x', senderName: 'other' }))
  assert.deepEqual([holders.holderOf('wa', 'x'), holders.holderOf('other', 'x')], ['ns/a', 'ns/b'])
  assert.deepEqual([holders.keysOf('wa'), holders.keysOf('other')], [['ns/a'], ['ns/b']])
})

test('nothing is left of what is gone', () => {
  const holders = createHolders()
  holders.note('ns/a', resource('a', {}))
  holders.note('ns/a', undefined)
  assert.deepEqual([holders.holderOf('wa', 'a'), holders.keysOf('wa')], [undefined, []])
})

function resource(name: string, spec: object, creationTimestamp = '2026-01-01T00:00:00Z') {
  const metadata = { name, namespace: 'ns', creationTimestamp }
  return { apiVersion: 'v1', kind: 'WhatsAppInstance', metadata, spec: { senderName: 'wa', ...spec } }
}
