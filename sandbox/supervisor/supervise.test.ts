import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exit } from '../process/running-process.ts'
import { type Mishap, supervise } from './supervise.ts'

function fakeProcess(pid: number) {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  return {
    pid,
    exited: promise,
    die: () => resolve({ code: 1, signal: null }),
    async stop(): Promise<Exit> {
      resolve({ code: 0, signal: null })
      return promise
    },
    lastLines: async () => 'the last line',
  }
}

test('starts a process again that died, and tells why', async () => {
  const first = fakeProcess(1)
  const mishaps: Mishap[] = []
  const restarted = Promise.withResolvers<void>()
  const supervised = supervise(first, {
    restart: async () => fakeProcess(2),
    restartDelayMs: () => 0,
    onMishap(mishap) {
      mishaps.push(mishap)
      if (mishap.kind === 'restarted') restarted.resolve()
    },
  })
  first.die()
  await restarted.promise
  assert.equal(supervised.pid(), 2)
  assert.deepEqual(mishaps[0], { kind: 'died', exit: { code: 1, signal: null }, lastLines: 'the last line' })
  await supervised.stop()
})

test('goes on trying, each time later, when the restart fails', async () => {
  const first = fakeProcess(1)
  const delays: number[] = []
  const restarted = Promise.withResolvers<void>()
  const supervised = supervise(first, {
    async restart() {
      if (delays.length < 3) throw new Error('not yet')
      return fakeProcess(2)
    },
    restartDelayMs(attempt) {
      delays.push(attempt)
      return 0
    },
    onMishap: (mishap) => mishap.kind === 'restarted' && restarted.resolve(),
  })
  first.die()
  await restarted.promise
  assert.deepEqual(delays, [1, 2, 3])
  await supervised.stop()
})

test('does not start again what was asked to stop', async () => {
  const mishaps: Mishap[] = []
  const supervised = supervise(fakeProcess(1), {
    restart: () => assert.fail('restarted after stop'),
    restartDelayMs: () => 0,
    onMishap: (mishap) => mishaps.push(mishap),
  })
  await supervised.stop()
  assert.deepEqual(mishaps, [])
})
