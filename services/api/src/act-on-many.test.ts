import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actOnMany } from './act-on-many.ts'

test('deals with all there are in chunks, each from where the last one ended, and counts them', async () => {
  const asked: unknown[] = []
  const chunks = [
    { done: 499, seen: 500, next: { at: 2, id: 'b' } },
    { done: 3, seen: 3, next: undefined },
  ]
  const result = await actOnMany({ at: 3, id: 'c' }, async ({ after, limit }) => {
    asked.push([after?.id, limit])
    return chunks.shift() ?? assert.fail('asked beyond the end')
  })
  assert.deepEqual(result, { done: 502, skipped: 1, next: undefined })
  assert.deepEqual(asked, [
    ['c', 500],
    ['b', 500],
  ])
})

test('stops at ten thousand and says where to go on', async () => {
  let calls = 0
  const next = { at: 1, id: 'a' }
  const result = await actOnMany(undefined, async ({ limit }) => {
    calls += 1
    return { done: limit, seen: limit, next }
  })
  assert.deepEqual([result, calls], [{ done: 10_000, skipped: 0, next }, 20])
})
