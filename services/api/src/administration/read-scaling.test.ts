import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReadScaling } from './read-scaling.ts'

test('a database that fails or hangs is told as such, within the bound, and never as nothing due', async (t) => {
  await assert.rejects(createReadScaling({ listProcesses: () => Promise.reject(new Error('down')) })())
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const hanging = createReadScaling({ listProcesses: () => new Promise(() => {}) })()
  t.mock.timers.tick(2000)
  await assert.rejects(hanging)
})

test('however often it is asked, the database is asked once a second', async () => {
  let asked = 0
  let now = 0
  const read = createReadScaling({
    listProcesses: async () => {
      asked++
      return []
    },
    now: () => now,
  })
  await Promise.all([read(), read()])
  now += 1000
  await read()
  assert.equal(asked, 1)
  now += 1
  await read()
  assert.equal(asked, 2)
})
