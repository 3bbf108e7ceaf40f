import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSuiteOptions, SuiteOptionsError } from './suite-options.ts'

test('rows are named one by one and as ranges, seeds one by one', () => {
  const { rows, seeds, atOnce, size, fresh } = parseSuiteOptions(['--fresh'], {
    FAULTS_ROWS: '1,5,15-18',
    FAULTS_SEED: '7, x-2',
    FAULTS_AT_ONCE: '2',
    FAULTS_FULL: '1',
  })
  assert.deepEqual([...(rows ?? [])], [1, 5, 15, 16, 17, 18])
  assert.deepEqual(seeds, ['7', 'x-2'])
  assert.deepEqual([atOnce, size, fresh], [2, 'full', true])
})

test('without a seed a run draws one, and every row runs', () => {
  const { rows, seeds } = parseSuiteOptions([], {})
  assert.equal(rows, undefined)
  assert.match(seeds[0] ?? '', /^\d{1,6}$/)
})

test('what cannot be meant is refused', () => {
  const wrong: [string[], NodeJS.ProcessEnv][] = [
    [['--reports'], {}],
    [['--report'], {}],
    [[], { FAULTS_ROWS: '1,x' }],
    [[], { FAULTS_SEED: 'a/../b' }],
    [[], { FAULTS_AT_ONCE: '0' }],
  ]
  for (const [args, env] of wrong) assert.throws(() => parseSuiteOptions(args, env), SuiteOptionsError, String(args))
})
