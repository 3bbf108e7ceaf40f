import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counterOf, countersOf, createRegistry, gaugeOf } from './registry.ts'

test('a counter shows each value of its label from the start, so that the first event is an increase', async () => {
  const registry = createRegistry({ service: 'test' })
  const counter = counterOf(registry, { name: 'ends_total', help: 'Ends.', label: 'how', values: ['well', 'badly'] })
  counter.inc({ how: 'badly' })
  const shown = await registry.getSingleMetricAsString('ends_total')
  assert.match(shown, /how="well".* 0$/m)
  assert.match(shown, /how="badly".* 1$/m)
})

test('a counter of several labels shows each combination from the start', async () => {
  const registry = createRegistry({ service: 'test' })
  const labels = { who: ['you', 'me'], how: ['well', 'badly'] }
  const counter = countersOf(registry, { name: 'ends_total', help: 'Ends.', labels })
  counter.inc({ who: 'me', how: 'badly' })
  const shown = (await registry.getSingleMetricAsString('ends_total'))
    .split('\n')
    .filter((line) => !line.startsWith('#'))
  assert.deepEqual(shown, [
    'ends_total{who="you",how="well",service="test"} 0',
    'ends_total{who="you",how="badly",service="test"} 0',
    'ends_total{who="me",how="well",service="test"} 0',
    'ends_total{who="me",how="badly",service="test"} 1',
  ])
})

test('a gauge that has nothing to tell has no series, and one again when it has', async () => {
  const registry = createRegistry({ service: 'test' })
  let rows: number | undefined
  gaugeOf(registry, 'rows', 'Rows.', () => rows)
  assert.doesNotMatch(await registry.getSingleMetricAsString('rows'), /^rows/m)
  rows = 7
  assert.match(await registry.getSingleMetricAsString('rows'), /^rows\{.*\} 7$/m)
})
