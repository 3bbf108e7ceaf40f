import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createKeyUses } from './key-uses.ts'

test('however often a key is used, its last use is written once a minute, and at the stop', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { uses, written } = setUp()
  await uses.start?.()
  for (let i = 0; i < 1000; i++) uses.note('a')
  t.mock.timers.tick(59_999)
  assert.deepEqual(written, [])
  t.mock.timers.tick(1)
  await setImmediate()
  uses.note('b')
  await uses.stop?.()
  assert.deepEqual(written, [['a'], ['b']])
})

test('a database that is down costs the uses of a minute and nothing else', async () => {
  const { uses, failures } = setUp({ isDown: true })
  uses.note('a')
  await uses.stop?.()
  assert.equal(failures.length, 1)
})

function setUp({ isDown = false } = {}) {
  const written: string[][] = []
  const failures: unknown[] = []
  const uses = createKeyUses({
    markUsed: async (marked) => {
      if (isDown) throw new Error('down')
      written.push(Array.from(marked, ([id]) => id))
    },
    onFailed: (err) => void failures.push(err),
  })
  return { uses, written, failures }
}
