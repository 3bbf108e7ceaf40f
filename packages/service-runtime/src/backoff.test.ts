import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fullJitterMs } from './backoff.ts'

test('doubles the longest wait with each attempt, up to the cap', () => {
  const longest = [1, 2, 3, 4, 5].map((attempt) =>
    fullJitterMs({ attempt, baseMs: 500, capMs: 3000, random: () => 0.999_999 }),
  )
  assert.deepEqual(longest, [499, 999, 1999, 2999, 2999])
})

test('may come back at once, so that waits are spread over the whole span', () => {
  assert.equal(fullJitterMs({ attempt: 9, baseMs: 500, capMs: 3000, random: () => 0 }), 0)
})

test('never waits longer than the cap nor less than nothing, however many attempts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 1e6 }), (attempt, capMs) => {
      const waitMs = fullJitterMs({ attempt, baseMs: 500, capMs })
      assert.ok(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= capMs)
    }),
  )
})
