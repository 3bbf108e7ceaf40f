import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMediaStore } from './media-store.ts'

const file = (bytes: number) => ({ mimetype: 'image/png', bytes: Buffer.alloc(bytes) })

test('the oldest files leave when there is no more room', () => {
  const store = createMediaStore(10_000)
  const ids = [3_000, 3_000, 3_000].map((bytes) => store.add(file(bytes))?.id ?? '')
  assert.deepEqual(ids.map(store.has), [false, true, true])
})

test('a file larger than the store is not kept, and drives nothing out', () => {
  const store = createMediaStore(10_000)
  const id = store.add(file(8_000))?.id ?? ''
  assert.equal(store.add(file(10_001)), null)
  assert.ok(store.has(id))
})

test('a long name takes room as its bytes do', () => {
  const store = createMediaStore(10_000)
  const [oldest] = [1, 2, 3].map(() => store.add({ ...file(0), fileName: 'x'.repeat(3_000) })?.id ?? '')
  assert.equal(store.has(oldest ?? ''), false)
})

test('empty files are not kept without end', () => {
  const store = createMediaStore(10_000)
  const ids = Array.from({ length: 100 }, () => store.add(file(0))?.id ?? '')
  assert.ok(ids.filter(store.has).length < 10)
})
