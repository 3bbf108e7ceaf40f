import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHeadSampling } from './head-sampling.ts'

test('keeps as large a part of the traces as the ratio says: all at 1, none at 0', () => {
  const keptAt = (ratio: number): number => {
    const sample = createHeadSampling({ ratio })
    return Array.from({ length: 10_000 }, () => sample({ isAsked: false })).filter(Boolean).length
  }
  assert.equal(keptAt(1), 10_000)
  assert.equal(keptAt(0), 0)
  const quarter = keptAt(0.25)
  assert.ok(quarter > 2200 && quarter < 2800, `${quarter}`)
})

test('callers who ask for it have ten traces a second kept, however many ask', () => {
  let ms = 5000
  const sample = createHeadSampling({ ratio: 0, now: () => ms })
  const asked = () => Array.from({ length: 500 }, () => sample({ isAsked: true })).filter(Boolean).length
  assert.equal(asked(), 10)
  ms += 999
  assert.equal(asked(), 0)
  ms += 1
  assert.equal(asked(), 10)
})

test('what the ratio keeps takes nothing from those who ask', () => {
  let random = 0
  const sample = createHeadSampling({ ratio: 0.5, now: () => 0, random: () => random })
  for (let i = 0; i < 100; i++) sample({ isAsked: true })
  random = 0.9
  assert.equal(sample({ isAsked: true }), true)
})
