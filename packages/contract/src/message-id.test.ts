import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { messageIdFor, newMessageId } from './message-id.ts'

test('new ids are UUIDv7, all different, and grow', () => {
  const ids = Array.from({ length: 1000 }, () => newMessageId())
  assert.ok(ids.every((id) => /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id)))
  assert.deepEqual([...new Set(ids)].sort(), ids)
})

test('the id of an idempotency key is a UUIDv8, the same at every call', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (user, key) => {
      const id = messageIdFor(user, key)
      assert.match(id, /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
      assert.equal(messageIdFor(user, key), id)
    }),
  )
})

test('the id of an idempotency key never changes between releases', () => {
  assert.equal(messageIdFor('user', 'order-1'), 'b3a4c88c-5164-801d-af27-39d910659f77')
})

test('another user or another key has another id, also when both read the same when joined', () => {
  const pairs = [
    ['a', 'bc'],
    ['ab', 'c'],
    ['abc', ''],
    ['', 'abc'],
    ['bc', 'a'],
    ['a', 'BC'],
  ] as const
  assert.equal(new Set(pairs.map(([user, key]) => messageIdFor(user, key))).size, pairs.length)
})
