import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { pino } from 'pino'
import { runUntilSignal } from './run-until-signal.ts'

const logger = pino({ level: 'silent' })

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`stops on ${signal} and exits 0`, async () => {
    const { host, calls, service } = fakes()
    const ran = runUntilSignal(service(), logger, host)
    host.emit(signal)
    await ran
    assert.deepEqual(calls, ['start', 'stop', 'exit 0'])
  })
}

test('exits 1 when the start fails', async () => {
  const { host, calls, service } = fakes()
  await runUntilSignal(service({ start: () => Promise.reject(new Error('no broker')) }), logger, host)
  assert.deepEqual(calls, ['exit 1'])
})

test('exits 1 when the stop fails', async () => {
  const { host, calls, service } = fakes()
  const ran = runUntilSignal(service({ stop: () => Promise.reject(new Error('too slow')) }), logger, host)
  host.emit('SIGTERM')
  await ran
  assert.deepEqual(calls, ['start', 'exit 1'])
})

test('stops in order and exits 1 when the service cannot go on', async () => {
  const { host, calls, service } = fakes()
  const fatal = Promise.withResolvers<string>()
  const stopping = Promise.withResolvers<void>()
  const stop = async () => {
    await stopping.promise
    calls.push('stop')
  }
  const ran = runUntilSignal(service({ stop, fatal: fatal.promise }), logger, host)
  fatal.resolve('thrown out')
  await new Promise(setImmediate)
  assert.deepEqual(calls, ['start'])
  stopping.resolve()
  await ran
  assert.deepEqual(calls, ['start', 'stop', 'exit 1'])
})

test('stops also while the start hangs', async () => {
  const { host, calls, service } = fakes()
  const ran = runUntilSignal(service({ start: () => new Promise(() => {}) }), logger, host)
  host.emit('SIGTERM')
  await ran
  assert.deepEqual(calls, ['stop', 'exit 0'])
})

test('exits 1 at once on the same signal again, but not on its echo', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const { host, calls, service } = fakes()
  void runUntilSignal(service({ stop: () => new Promise(() => {}) }), logger, host)
  host.emit('SIGINT')
  now = 20
  host.emit('SIGINT')
  now = 2000
  host.emit('SIGTERM')
  assert.deepEqual(calls, ['start'])
  now = 3000
  host.emit('SIGINT')
  assert.deepEqual(calls, ['start', 'exit 1'])
})

test('says more for a while on SIGUSR2, and goes on', async () => {
  const { host, calls, service } = fakes()
  const own = pino({ level: 'info' }, { write: () => {} })
  void runUntilSignal(service(), own, host)
  host.emit('SIGUSR2')
  assert.equal(own.level, 'debug')
  host.emit('SIGUSR2')
  assert.equal(own.level, 'info')
  assert.deepEqual(calls, ['start'])
})

test('exits 1 on an error that nobody caught', () => {
  const { host, calls, service } = fakes()
  void runUntilSignal(service(), logger, host)
  host.emit('uncaughtException', new Error('bug'))
  assert.deepEqual(calls, ['start', 'exit 1'])
})

function fakes() {
  const calls: string[] = []
  const host = Object.assign(new EventEmitter(), { exit: (code: number) => void calls.push(`exit ${code}`) })
  const service = (overrides: Partial<Parameters<typeof runUntilSignal>[0]> = {}) => ({
    start: async () => void calls.push('start'),
    stop: async () => void calls.push('stop'),
    ...overrides,
  })
  return { host, calls, service }
}
