import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createLogger, createRegistry } from '@whatsapp-sender/service-runtime'
import { createMediaSweep } from './sweep-media.ts'

test('what is left of a full sweep is removed at once, then once a minute, and by no process that does not lead', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const found = [100, 100, 7, 0]
  const asked: number[] = []
  let isActive = false
  const sweep = createMediaSweep({
    store: { media: { sweep: async (max) => found[asked.push(max) - 1] ?? 0 } },
    isActive: () => isActive,
    logger: createLogger({ service: 'test', level: 'silent' }),
    registry: createRegistry({ service: 'test' }),
  })
  const pass = async (ms: number) => {
    t.mock.timers.tick(ms)
    await turn()
  }
  await sweep.start?.()
  await turn()
  assert.deepEqual(asked, [])
  isActive = true
  await pass(60_000)
  assert.equal(asked.length, 1)
  await pass(0)
  await pass(0)
  assert.deepEqual(asked, [100, 100, 100])
  await pass(59_999)
  assert.equal(asked.length, 3)
  await pass(1)
  assert.equal(asked.length, 4)
  await sweep.stop?.()
})
