import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pauseAfter } from './pause-after.ts'

const INTERVAL = { elapsedMs: 3000, intervalMs: 10_000 }

test('one message begins per interval, and the next one at once after one that took longer', () => {
  assert.equal(pauseAfter({ kind: 'arrived' }, INTERVAL), 7000)
  assert.equal(pauseAfter({ kind: 'late', status: 'queued' }, { elapsedMs: 60_000, intervalMs: 10_000 }), 0)
})

test('an API that says when to come again is not asked before', () => {
  const busy = { kind: 'refused', httpStatus: 503, code: 'overloaded' } as const
  assert.equal(pauseAfter({ ...busy, retryAfterMs: 30_000 }, INTERVAL), 30_000)
  assert.equal(pauseAfter({ ...busy, httpStatus: 429, retryAfterMs: 1000 }, INTERVAL), 7000)
})

test('a login that is refused is not tried again for a minute', () => {
  assert.equal(pauseAfter({ kind: 'refused', httpStatus: 401, code: 'unauthenticated' }, INTERVAL), 60_000)
})
