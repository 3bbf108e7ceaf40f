import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRecentMinutes } from './recent-minutes.ts'

const MINUTE_MS = 60_000

test('what is older than five minutes is forgotten, also after a long silence', () => {
  let now = 1234
  const recent = createRecentMinutes(() => now)
  recent.accepted(5)
  recent.outcome({ status: 'sent' })
  recent.outcome({ status: 'queued' })
  now += 4 * MINUTE_MS
  recent.outcome({ status: 'unknown' })
  assert.deepEqual(recent.counts(), { accepted: 5, sent: 1, failed: 1 })
  now += MINUTE_MS
  assert.deepEqual(recent.counts(), { accepted: 0, sent: 0, failed: 1 })
  now += 60 * MINUTE_MS
  assert.deepEqual(recent.counts(), { accepted: 0, sent: 0, failed: 0 })
})
