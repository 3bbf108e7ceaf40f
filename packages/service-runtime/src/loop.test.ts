import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createLoop } from './loop.ts'

test('one step follows another after the pause it asked for', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let steps = 0
  const loop = createLoop({ step: async () => 100 * ++steps, onError: assert.ifError })
  loop.start()
  await turn()
  assert.equal(steps, 1)
  t.mock.timers.tick(99)
  await turn()
  assert.equal(steps, 1)
  t.mock.timers.tick(1)
  await turn()
  assert.equal(steps, 2)
  t.mock.timers.tick(199)
  await turn()
  assert.equal(steps, 2)
  await loop.stop()
})

test('a poke cuts the pause, and during a step lets the next follow at once, never beside it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const steps: PromiseWithResolvers<number>[] = []
  const loop = createLoop({
    step: () => {
      const next = Promise.withResolvers<number>()
      steps.push(next)
      return next.promise
    },
    onError: assert.ifError,
  })
  loop.start()
  loop.poke()
  loop.poke()
  assert.equal(steps.length, 1)
  steps[0]?.resolve(60_000)
  await turn()
  t.mock.timers.tick(0)
  assert.equal(steps.length, 2)
  steps[1]?.resolve(60_000)
  await turn()
  assert.equal(steps.length, 2)
  loop.poke()
  assert.equal(steps.length, 3)
  steps[2]?.resolve(0)
  await loop.stop()
})

for (const [pause, afterFailureMs] of [
  ['after a second', undefined],
  ['after as long as the loop is told to wait', 5000],
] as const)
  test(`a step that fails is told and tried again ${pause}`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const told: unknown[] = []
    let steps = 0
    const loop = createLoop({
      step: async () => {
        steps += 1
        throw new Error('away')
      },
      onError: (error) => told.push(error),
      ...(afterFailureMs !== undefined && { afterFailureMs }),
    })
    loop.start()
    await turn()
    assert.equal(told.length, 1)
    t.mock.timers.tick((afterFailureMs ?? 1000) - 1)
    await turn()
    assert.equal(steps, 1)
    t.mock.timers.tick(1)
    await turn()
    assert.equal(steps, 2)
    await loop.stop()
  })

test('after the stop has come back no step runs, and none begins', async () => {
  const step = Promise.withResolvers<number>()
  let steps = 0
  const loop = createLoop({
    step: () => {
      steps += 1
      return step.promise
    },
    onError: assert.ifError,
  })
  loop.start()
  let stopped = false
  const stopping = loop.stop().then(() => {
    stopped = true
  })
  await turn()
  assert.equal(stopped, false)
  step.resolve(0)
  await stopping
  loop.poke()
  await turn()
  assert.equal(steps, 1)
})
