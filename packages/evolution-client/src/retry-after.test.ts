import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(2026, 0, 1)

test('reads seconds and HTTP dates', () => {
  assert.equal(retryAfterMs('120', NOW), 120_000)
  assert.equal(retryAfterMs(new Date(NOW + 90_000).toUTCString(), NOW), 90_000)
})

test('clamps to 1 s … 15 min', () => {
  for (const header of ['0', 'Thu, 01 Jan 1970 00:00:00 GMT']) assert.equal(retryAfterMs(header, NOW), 1_000)
  for (const header of ['86400', '9'.repeat(400), 'Fri, 01 Jan 2100 00:00:00 GMT']) {
    assert.equal(retryAfterMs(header, NOW), 900_000)
  }
})

test('anything else is no pause', () => {
  for (const header of [undefined, '', '-5', '1.5', 'soon', '2026-01-01', 'Foo, bar']) {
    assert.equal(retryAfterMs(header, NOW), undefined)
  }
})
