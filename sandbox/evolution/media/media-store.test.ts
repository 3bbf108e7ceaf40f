import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMediaStore } from './media-store.ts'

const file = (bytes: number) => ({ mimetype: 'image/png', bytes: Buffer.alloc(bytes) })

test('the oldest files leave when there is no more room', () => {
  const store = createMediaStore(10)
  const ids = [4, 4, 4].map((bytes) => store.add(file(bytes))?.id ?? '')
  assert.deepEqual(ids.map(store.has), [false, true, true])
})

test('a file larger than the store is not kept, and drives nothing out', () => {
  const store = createMediaStore(10)
  const id = store.add(file(8))?.id ?? ''
  assert.equal(store.add(file(11)), null)
  assert.ok(store.has(id))
})
