import assert from 'node:assert/strict'
import { afterEach, mock, test } from 'node:test'
import { createFaultLog } from './fault-log.ts'
import { createLogger } from './logger.ts'

afterEach(() => mock.timers.reset())

test('a fault that comes ten thousand times is two lines: at once, and a minute later with how often it came', () => {
  const { lines, faults, pass } = setUp()
  for (let n = 1; n <= 10_000; n++) faults.warn({ err: away(), n }, 'not written')
  assert.deepEqual(lines(), [['warn', 'not written', 1, undefined]])
  pass(60_000)
  assert.deepEqual(lines().slice(1), [['warn', 'not written', 10_000, 9999]])
})

test('it is told once a minute for as long as it comes, and anew when it had stopped', () => {
  const { lines, faults, pass } = setUp()
  for (let minute = 0; minute < 3; minute++) {
    faults.warn({ err: away() }, 'not written')
    faults.warn({ err: away() }, 'not written')
    pass(60_000)
  }
  assert.deepEqual(
    lines().map(([, , , repeated]) => repeated),
    [undefined, 1, 2, 2],
  )
  pass(60_000)
  faults.warn({ err: away() }, 'not written')
  assert.equal(lines().at(-1)?.[3], undefined)
})

test('another error, another kind, another phrase is another fault', () => {
  const { lines, faults } = setUp()
  for (const err of [away(), away(), new TypeError('bug')]) faults.error({ err }, 'not written')
  for (const topic of ['messages', 'messages', 'events']) faults.error({ err: away(), topic }, 'lost', topic)
  assert.equal(lines().length, 4)
})

test('so many lines of a kind are written as was asked for', () => {
  const { lines, faults } = setUp({ linesMax: 3 })
  for (let n = 1; n <= 5; n++) faults.error({ err: away(), n }, 'request failed')
  assert.deepEqual(
    lines().map(([, , n]) => n),
    [1, 2, 3],
  )
})

test('at level debug each one has its line', () => {
  const { lines, faults } = setUp({}, 'debug')
  for (let n = 1; n <= 3; n++) faults.warn({ err: away(), n }, 'not written')
  assert.deepEqual(
    lines().map(([level, , n]) => [level, n]),
    [
      ['warn', 1],
      ['debug', 2],
      ['debug', 3],
    ],
  )
})

test('faults of ever new kinds do not fill the memory, nor the log', () => {
  const { lines, faults } = setUp()
  for (let n = 0; n < 5000; n++) faults.warn({ err: away() }, 'not written', `kind ${n}`)
  assert.ok(lines().length <= 101)
})

function away(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
}

function setUp(options: Parameters<typeof createFaultLog>[1] = {}, level = 'info') {
  mock.timers.enable({ apis: ['setInterval'] })
  const written: Record<string, unknown>[] = []
  const stdout = { write: (line: string) => written.push(JSON.parse(line)) }
  return {
    faults: createFaultLog(createLogger({ service: 'test', level, stdout }), options),
    lines: () => written.map(({ level: at, msg, n, repeated }) => [at, msg, n, repeated]),
    pass: (ms: number) => mock.timers.tick(ms),
  }
}
