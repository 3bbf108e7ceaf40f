import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCallPace } from './call-pace.ts'

test('a burst leaves at once, and what follows in turn at the rate', async () => {
  const waits: number[] = []
  let now = 0
  const pace = createCallPace({
    perSecond: 10,
    burst: 3,
    now: () => now,
    sleep: async (ms) => void waits.push(ms),
  })
  for (let call = 0; call < 5; call++) await pace()
  assert.deepEqual(waits, [100, 200])
  now = 10_000
  waits.length = 0
  for (let call = 0; call < 4; call++) await pace()
  assert.deepEqual(waits, [100], 'a silence gives back the burst and no more')
})
