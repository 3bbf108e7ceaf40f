import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { createLevelSwitch } from './log-level.ts'
import { createLogger } from './logger.ts'

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }))
afterEach(() => mock.timers.reset())

test('asked for it, a process says more, and asked again it says what it said before', () => {
  const { logger, phrases, toggle } = setUp('info')
  logger.debug('unheard')
  toggle()
  logger.debug('heard')
  toggle()
  logger.debug('unheard again')
  assert.deepEqual(phrases(), ['log level raised', 'heard', 'log level is as configured again'])
})

test('whoever forgets it has it for a quarter of an hour', () => {
  const { logger, phrases, toggle } = setUp('info')
  toggle()
  mock.timers.tick(15 * 60_000 - 1)
  assert.equal(logger.level, 'debug')
  mock.timers.tick(1)
  assert.equal(logger.level, 'info')
  toggle()
  assert.deepEqual(phrases(), ['log level raised', 'log level is as configured again', 'log level raised'])
})

test('both changes are said, however little else is', () => {
  for (const level of ['error', 'silent']) {
    const { phrases, toggle } = setUp(level)
    toggle()
    toggle()
    assert.deepEqual(phrases(), ['log level raised', 'log level is as configured again'], level)
  }
})

test('where debug is configured, trace is more', () => {
  const { logger, toggle } = setUp('debug')
  toggle()
  assert.equal(logger.level, 'trace')
})

function setUp(level: string) {
  const lines: Record<string, unknown>[] = []
  const logger = createLogger({ service: 'test', level, stdout: { write: (line) => lines.push(JSON.parse(line)) } })
  return { logger, toggle: createLevelSwitch(logger), phrases: () => lines.map(({ msg }) => msg) }
}
