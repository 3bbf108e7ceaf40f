import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapInTurns } from './map-in-turns.ts'

test('gives what map gives, and others their turn before the next few', async () => {
  const items = Array.from({ length: 1000 }, (_, i) => i)
  let atOnce = 0
  let most = 0
  let isOver = false
  const other = () => {
    most = Math.max(most, atOnce)
    atOnce = 0
    if (!isOver) setImmediate(other)
  }
  setImmediate(other)
  const results = await mapInTurns(items, (item, index) => {
    atOnce += 1
    return `${item} at ${index}`
  })
  isOver = true
  assert.deepEqual(
    results,
    items.map((item) => `${item} at ${item}`),
  )
  assert.ok(most > 0 && most <= 50, `${most} without a pause`)
})

test('of nothing gives nothing', async () => {
  assert.deepEqual(await mapInTurns([], () => assert.fail('called')), [])
})
