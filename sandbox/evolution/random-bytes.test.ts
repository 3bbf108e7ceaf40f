import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBytes } from './random-bytes.ts'

test('no two pieces are the same, and each is as long as asked for', () => {
  const drawn = new Set<string>()
  for (let n = 0; n < 2000; n++) {
    const piece = randomBytes(24)
    assert.equal(piece.length, 24)
    drawn.add(piece.toString('hex'))
  }
  assert.equal(drawn.size, 2000)
})
