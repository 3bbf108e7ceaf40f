import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flattenMessage } from './flatten-message.ts'

test('reads every nesting Evolution writes', () => {
  assert.deepEqual(flattenMessage('a'), { texts: ['a'], isNested: false, isUnregistered: false })
  assert.deepEqual(flattenMessage(['a', 'b']), { texts: ['a', 'b'], isNested: false, isUnregistered: false })
  assert.deepEqual(flattenMessage([['a', 'b']]), { texts: ['a', 'b'], isNested: true, isUnregistered: false })
  assert.deepEqual(flattenMessage([{ exists: false }]), { texts: [], isNested: false, isUnregistered: true })
  assert.deepEqual(flattenMessage([{ exists: true }]), { texts: [], isNested: false, isUnregistered: false })
})

test('does not follow a body of endless nesting', () => {
  const deep: unknown = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000))
  assert.deepEqual(flattenMessage(deep).texts, [])
})
