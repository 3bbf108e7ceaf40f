import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wait } from './wait.ts'

test('a wait longer than a timer can last is long, not over at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let isOver = false
  const over = wait(3_000_000_000).then(() => {
    isOver = true
  })
  t.mock.timers.tick(1_000_000_000)
  await Promise.resolve()
  assert.equal(isOver, false)
  t.mock.timers.tick(2_000_000_000)
  await over
})
