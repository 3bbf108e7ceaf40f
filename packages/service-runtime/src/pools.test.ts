import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchPools } from './pools.ts'
import { createRegistry } from './registry.ts'

test('each pool tells of its connections at the moment of a scrape', async () => {
  const registry = createRegistry({ service: 'test' })
  const state = { open: 2, busy: 0, waiting: 0 }
  watchPools(registry, { mongodb: () => state })
  state.busy = 1
  const told = await registry.getSingleMetricAsString('whatsapp_connections')
  assert.match(told, /\{pool="mongodb",state="open",service="test"\} 2$/m)
  assert.match(told, /\{pool="mongodb",state="busy",service="test"\} 1$/m)
  assert.match(told, /\{pool="mongodb",state="waiting",service="test"\} 0$/m)
})
