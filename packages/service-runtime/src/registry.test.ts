import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counterOf, createRegistry } from './registry.ts'

test('a counter shows each value of its label from the start, so that the first event is an increase', async () => {
  const registry = createRegistry({ service: 'test' })
  const counter = counterOf(registry, { name: 'ends_total', help: 'Ends.', label: 'how', values: ['well', 'badly'] })
  counter.inc({ how: 'badly' })
  const shown = await registry.getSingleMetricAsString('ends_total')
  assert.match(shown, /how="well".* 0$/m)
  assert.match(shown, /how="badly".* 1$/m)
})
