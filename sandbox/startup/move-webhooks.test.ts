import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOursElsewhere } from './move-webhooks.ts'

const ours = 'http://127.0.0.1:8001/v1/evolution/events'

test('a webhook to the port of the last start is moved', () => {
  assert.equal(isOursElsewhere('http://127.0.0.1:8000/v1/evolution/events', ours), true)
})

test('a webhook that is right, or somebody else’s, stays', () => {
  assert.equal(isOursElsewhere(ours, ours), false)
  assert.equal(isOursElsewhere('http://127.0.0.1:8000/other', ours), false)
  assert.equal(isOursElsewhere('https://example.com/v1/evolution/events', ours), false)
  assert.equal(isOursElsewhere('', ours), false)
})
