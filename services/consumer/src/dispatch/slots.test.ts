import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createSlots } from './slots.ts'

test('no more than the limit are open, and who waits is served in order', async () => {
  const slots = createSlots(2)
  const served: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) void slots.take().then(() => served.push(name))
  await turn()
  assert.deepEqual([served, slots.inUse(), slots.waiting()], [['a', 'b'], 2, 2])
  slots.free()
  await turn()
  assert.deepEqual([served, slots.inUse()], [['a', 'b', 'c'], 2])
  for (let n = 0; n < 3; n++) slots.free()
  await turn()
  assert.deepEqual([served, slots.inUse(), slots.waiting()], [['a', 'b', 'c', 'd'], 0, 0])
})
