import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PanelsOptionsError, parsePanelsOptions } from './panels-options.ts'

test('there is load for five minutes, or for as long as is asked', () => {
  assert.deepEqual(parsePanelsOptions([]), { seconds: 300 })
  assert.deepEqual(parsePanelsOptions(['--seconds', '600']), { seconds: 600 })
})

test('what is no length of time between a minute and an hour is refused with how to say it', () => {
  for (const args of [['--seconds', '59'], ['--seconds', '1.5e3x'], ['--seconds'], ['--hours', '1'], ['600']]) {
    assert.throws(() => parsePanelsOptions(args), PanelsOptionsError)
  }
})
