import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyedHash } from './keyed-hash.ts'

const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)]

test('a hash of a key that is still let in matches, and is to be replaced by one of the newest', () => {
  const before = createKeyedHash({ newest: OLD }, 'purpose').of('secret')
  const hashes = createKeyedHash({ newest: NEW, others: [OLD] }, 'purpose')
  assert.ok(hashes.matches('secret', before))
  assert.ok(!hashes.matches('another secret', before))
  const renewed = hashes.renewed('secret', before)
  const afterwards = createKeyedHash({ newest: NEW }, 'purpose')
  assert.ok(renewed !== undefined && afterwards.matches('secret', renewed))
  assert.equal(hashes.renewed('secret', renewed), undefined)
  assert.ok(!afterwards.matches('secret', before))
})

test('the same secret has other hashes for other purposes', () => {
  const hash = createKeyedHash({ newest: OLD }, 'one').of('secret')
  assert.ok(!createKeyedHash({ newest: OLD }, 'two').matches('secret', hash))
})
