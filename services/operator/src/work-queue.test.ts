import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWorkQueue, type Schedule } from './work-queue.ts'

const KEYS = ['a', 'b', 'c', 'd']

const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), key: fc.constantFrom(...KEYS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('later' as const), key: fc.constantFrom(...KEYS) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'fail' as const), nth: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(400_000) }) },
)

test('a key is never processed twice at once, no more than the workers run, and what is added is processed after it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(anyStep, { maxLength: 60 }), async (workers, steps) => {
      const world = createWorld(workers)
      for (const step of steps) {
        if (step.do === 'add') world.add(step.key)
        else if (step.do === 'later') world.addAfter(step.key, 1000)
        else if (step.do === 'wait') world.advance(step.ms)
        else await world.end(step.nth, step.do === 'fail')
        world.check()
      }
      await world.settle()
      for (const key of KEYS) {
        assert.ok(world.startedAfterLastAdd(key), `${key} was added and not processed after it`)
      }
    }),
  )
})

test('adds during a run lead to exactly one more run', async () => {
  const world = createWorld(2)
  world.add('a')
  for (let i = 0; i < 5; i += 1) world.add('a')
  assert.equal(world.starts('a'), 1)
  await world.end(0, false)
  assert.equal(world.starts('a'), 2)
  await world.end(0, false)
  world.advance(1_000_000)
  assert.equal(world.starts('a'), 2)
})

test('the pause before a retry doubles from one second to five minutes, and a success begins anew', async () => {
  const world = createWorld(1)
  world.add('a')
  const pauses: number[] = []
  for (let i = 0; i < 11; i += 1) {
    await world.end(0, true)
    pauses.push(world.toNextTimer())
    world.advance(world.toNextTimer())
  }
  assert.deepEqual(
    pauses.map((ms) => Math.ceil(ms / 1000)),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300],
  )
  await world.end(0, false)
  world.add('a')
  await world.end(0, true)
  assert.equal(Math.ceil(world.toNextTimer() / 1000), 1)
})

test('a success makes the retry of an earlier failure needless', async () => {
  const world = createWorld(1)
  world.add('a')
  await world.end(0, true)
  world.add('a')
  await world.end(0, false)
  world.advance(1_000_000)
  assert.equal(world.starts('a'), 2)
})

test('of two delays for one key the earlier counts', async () => {
  const world = createWorld(1)
  world.addAfter('a', 5000)
  world.addAfter('a', 2000)
  world.addAfter('a', 9000)
  world.advance(1999)
  assert.equal(world.starts('a'), 0)
  world.advance(1)
  assert.equal(world.starts('a'), 1)
  await world.end(0, false)
  world.advance(10_000)
  assert.equal(world.starts('a'), 1)
})

test('nothing begins after a stop, which waits for what runs', async () => {
  const world = createWorld(1)
  world.add('a')
  world.add('b')
  world.addAfter('c', 10)
  let isStopped = false
  const stopping = world.queue.stop().then(() => {
    isStopped = true
  })
  await Promise.resolve()
  assert.equal(isStopped, false)
  await world.end(0, true)
  await stopping
  world.advance(1_000_000)
  assert.deepEqual([world.starts('a'), world.starts('b'), world.starts('c')], [1, 0, 0])
})

/** A queue whose clock, timers and runs are ended by hand. */
function createWorld(workers: number) {
  let time = 0
  let timers: { at: number; callback: () => void }[] = []
  const runs: { key: string; startedAt: number; end: PromiseWithResolvers<void> }[] = []
  const started: string[] = []
  const unserved = new Set<string>()
  const schedule: Schedule = (callback, delayMs) => {
    const timer = { at: time + delayMs, callback }
    timers.push(timer)
    return () => {
      timers = timers.filter((other) => other !== timer)
    }
  }
  const queue = createWorkQueue({
    process: (key) => {
      unserved.delete(key)
      started.push(key)
      const run = { key, startedAt: time, end: Promise.withResolvers<void>() }
      runs.push(run)
      return run.end.promise
    },
    workers,
    onError: () => undefined,
    now: () => time,
    schedule,
    // As near to 1 as the largest pause needs.
    random: () => 1 - 2 ** -53,
  })
  queue.start()

  const nextTimer = () => timers.toSorted((a, b) => a.at - b.at)[0]
  function advance(ms: number): void {
    const until = time + ms
    for (let timer = nextTimer(); timer !== undefined && timer.at <= until; timer = nextTimer()) {
      const due = timer
      time = due.at
      timers = timers.filter((other) => other !== due)
      due.callback()
    }
    time = until
  }
  async function end(nth: number, fails: boolean): Promise<void> {
    const [run] = runs.splice(nth % Math.max(runs.length, 1), 1)
    if (fails) run?.end.reject(new Error('not now'))
    else run?.end.resolve()
    await new Promise(setImmediate)
  }
  return {
    queue,
    advance,
    end,
    add: (key: string) => {
      unserved.add(key)
      queue.add(key)
    },
    addAfter: queue.addAfter,
    starts: (key: string) => started.filter((other) => other === key).length,
    toNextTimer: () => (nextTimer()?.at ?? Number.NaN) - time,
    startedAfterLastAdd: (key: string) => !unserved.has(key),
    check: () => {
      const keys = runs.map(({ key }) => key)
      assert.equal(new Set(keys).size, keys.length, `processed twice at once: ${keys.join()}`)
      assert.ok(keys.length <= workers)
      assert.equal(queue.state().processing, keys.length)
    },
    settle: async () => {
      for (let i = 0; i < 200 && (runs.length > 0 || nextTimer() !== undefined); i += 1) {
        advance(400_000)
        await end(0, false)
      }
      assert.deepEqual(queue.state(), { waiting: 0, processing: 0, failing: 0 })
    },
  }
}
