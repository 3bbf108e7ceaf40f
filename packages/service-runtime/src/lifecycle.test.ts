import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { pino } from 'pino'
import { createLifecycle, type Part } from './lifecycle.ts'

const logger = pino({ level: 'silent' })

test('starts in order and stops in reverse', async () => {
  const { events, part } = recorder()
  const lifecycle = createLifecycle({ logger, parts: [part('a'), part('b'), { name: 'bare' }], stopTimeoutMs: 1000 })
  await lifecycle.start()
  await lifecycle.stop()
  assert.deepEqual(events, ['+a', '+b', '-b', '-a'])
})

test('stops each part once, however often it is told', async () => {
  const { events, part } = recorder()
  const lifecycle = createLifecycle({ logger, parts: [part('a')], stopTimeoutMs: 1000 })
  await lifecycle.start()
  await Promise.all([lifecycle.stop(), lifecycle.stop()])
  await lifecycle.stop()
  assert.deepEqual(events, ['+a', '-a'])
})

test('stops what had started when a part fails to start, and says why it failed', async () => {
  const { events, part } = recorder()
  const broken = { ...part('c'), start: () => Promise.reject(new Error('port taken')) }
  const lifecycle = createLifecycle({ logger, parts: [part('a'), part('b'), broken, part('d')], stopTimeoutMs: 1000 })
  await assert.rejects(lifecycle.start(), /port taken/)
  assert.deepEqual(events, ['+a', '+b', '-b', '-a'])
  assert.equal(lifecycle.isStarted(), false)
})

test('stops the rest when a part fails to stop, and names it in the end', async () => {
  const { events, part } = recorder()
  const broken = { ...part('b'), stop: () => Promise.reject(new Error('boom')) }
  const lifecycle = createLifecycle({ logger, parts: [part('a'), broken, part('c')], stopTimeoutMs: 1000 })
  await lifecycle.start()
  await assert.rejects(lifecycle.stop(), { name: 'StopError', message: 'Not stopped: b' })
  assert.deepEqual(events, ['+a', '+b', '+c', '-c', '-a'])
})

test('goes on to the next part when the deadline has passed', async (t) => {
  const advance = mockedTime(t)
  const { events, part } = recorder()
  const stuck = { ...part('b'), stop: () => new Promise<void>(() => {}) }
  const lifecycle = createLifecycle({ logger, parts: [part('a'), stuck], stopTimeoutMs: 5000, now: advance.now })
  await lifecycle.start()
  const stopped = assert.rejects(lifecycle.stop(), /Not stopped: b/)
  await advance.by(4999)
  assert.deepEqual(events, ['+a', '+b'])
  await advance.by(1)
  await stopped
  assert.deepEqual(events, ['+a', '+b', '-a'])
})

test('shares one deadline between all parts and still gives a late one a moment', async (t) => {
  const advance = mockedTime(t)
  const stuck = (name: string): Part => ({ name, stop: () => new Promise<void>(() => {}) })
  const lifecycle = createLifecycle({ logger, parts: [stuck('a'), stuck('b')], stopTimeoutMs: 5000, now: advance.now })
  await lifecycle.start()
  const stopped = assert.rejects(lifecycle.stop(), /Not stopped: b, a/)
  await advance.by(5000)
  await advance.by(1000)
  await stopped
})

test('waits for a start under way when told to stop, and does not start the next part', async () => {
  const { events, part } = recorder()
  const gate = Promise.withResolvers<void>()
  const slow = { ...part('a'), start: () => gate.promise.then(() => void events.push('+a')) }
  const lifecycle = createLifecycle({ logger, parts: [slow, part('b')], stopTimeoutMs: 1000 })
  const started = assert.rejects(lifecycle.start(), /Stopped while starting/)
  const stopped = lifecycle.stop()
  gate.resolve()
  await Promise.all([started, stopped])
  assert.deepEqual(events, ['+a', '-a'])
})

test('stops a part whose start hangs', async (t) => {
  const advance = mockedTime(t)
  const { events, part } = recorder()
  const hanging = { ...part('a'), start: () => new Promise<void>(() => {}) }
  const lifecycle = createLifecycle({ logger, parts: [hanging], stopTimeoutMs: 60_000, now: advance.now })
  void lifecycle.start()
  const stopped = lifecycle.stop()
  await advance.by(2000)
  await stopped
  assert.deepEqual(events, ['-a'])
})

test('stays started while it stops, so that only readiness tells of it', async () => {
  const lifecycle = createLifecycle({ logger, parts: [], stopTimeoutMs: 1000 })
  assert.deepEqual([lifecycle.isStarted(), lifecycle.isStopping()], [false, false])
  await lifecycle.start()
  const stopped = lifecycle.stop()
  assert.deepEqual([lifecycle.isStarted(), lifecycle.isStopping()], [true, true])
  await stopped
})

function recorder() {
  const events: string[] = []
  const part = (name: string): Part => ({
    name,
    start: async () => void events.push(`+${name}`),
    stop: async () => void events.push(`-${name}`),
  })
  return { events, part }
}

function mockedTime(t: TestContext) {
  let now = 0
  t.mock.timers.enable({ apis: ['setTimeout'] })
  return {
    now: () => now,
    async by(ms: number) {
      await turnsOfTheLoop()
      now += ms
      t.mock.timers.tick(ms)
      await turnsOfTheLoop()
    },
  }
}

/** Lets every promise that can settle now settle. */
async function turnsOfTheLoop(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
