import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRegistry } from '@whatsapp-sender/service-runtime'
import { createInstanceGauge } from './instance-gauge.ts'

const MINE = [
  { instance: 'sales', isOpen: true },
  { instance: 'support', isOpen: false },
  { instance: 'shop', isOpen: true },
]

test('instances are named only where that is asked for', async () => {
  assert.deepEqual(await seriesWith(0), [])
})

test('no more instances are named than asked for, and those that are shut before all others', async () => {
  assert.deepEqual(await seriesWith(2), [
    'whatsapp_instance_info{instance="support",gate="shut",service="test"} 1',
    'whatsapp_instance_info{instance="sales",gate="open",service="test"} 1',
  ])
})

async function seriesWith(instanceMetricsMax: number): Promise<string[]> {
  const registry = createRegistry({ service: 'test' })
  createInstanceGauge(registry, () => ({ gates: { mine: () => [...MINE] }, config: { instanceMetricsMax } }))
  const page = await registry.getSingleMetricAsString('whatsapp_instance_info')
  return page.split('\n').filter((line) => line.startsWith('whatsapp_'))
}
