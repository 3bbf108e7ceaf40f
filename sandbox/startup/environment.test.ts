import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeEnvironments } from './environment.ts'

test('the process wins over the file', () => {
  assert.deepEqual(mergeEnvironments({ PORT: '9000' }, { PORT: '8000', HOST: '0.0.0.0' }), {
    PORT: '9000',
    HOST: '0.0.0.0',
  })
})

test('an empty value counts as unset, wherever it stands', () => {
  assert.deepEqual(mergeEnvironments({ PORT: '', HOST: undefined }, { PORT: '8000', HOST: '' }), { PORT: '8000' })
})
