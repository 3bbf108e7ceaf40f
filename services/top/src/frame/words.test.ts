import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rangesOf, spanOf } from './words.ts'

test('a span is told in its two largest units, and none is negative', () => {
  const spans = [-5000, 0, 59_400, 60_000, 3_599_000, 3_600_000, 90_000_000]
  assert.deepEqual(spans.map(spanOf), ['0 s', '0 s', '59 s', '1 min 0 s', '59 min 59 s', '1 h 0 min', '1 d 1 h'])
})

test('neighbours are joined, and a gap parts them', () => {
  assert.deepEqual([[], [4], [0, 1, 2, 5, 7, 8]].map(rangesOf), ['', '4', '0-2,5,7-8'])
})
