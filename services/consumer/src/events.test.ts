import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createLogger, createRegistry } from '@whatsapp-sender/service-runtime'
import { createConsumerEvents } from './events.ts'

test('a message that ends unsent is counted by how it ended', async () => {
  const { events, count } = setUp()
  events.ended('message-1', 'failed', 'instance-deleted')
  events.ended('message-2', 'expired', 'expired')
  events.ended('message-3', 'expired', 'expired')
  assert.equal(await count('whatsapp_messages_ended_unsent_total', { status: 'failed' }), 1)
  assert.equal(await count('whatsapp_messages_ended_unsent_total', { status: 'expired' }), 2)
})

test('what was still to be read counts until the partition is somebody else’s', async () => {
  const { events, count } = setUp()
  events.read(0, 7)
  events.read(3, 5)
  events.read(0, 2)
  assert.equal(await count('whatsapp_records_behind', {}), 7)
  events.assigned([3], true)
  assert.equal(await count('whatsapp_records_behind', {}), 5)
})

test('a wait that the stop ends is no failure, and what fails is one', async () => {
  const { events, count } = setUp()
  events.failed(await wait(60_000, undefined, { signal: AbortSignal.abort() }).catch((error: unknown) => error))
  assert.equal(await count('whatsapp_consumer_errors_total', {}), 0)
  events.failed(new Error('away'))
  assert.equal(await count('whatsapp_consumer_errors_total', {}), 1)
})

function setUp() {
  const registry = createRegistry({ service: 'test' })
  const watched = () => ({
    dispatcher: { due: () => 0, inFlight: () => 0, instances: () => 0 },
    gates: { shut: () => 0 },
  })
  const events = createConsumerEvents(createLogger({ service: 'test', level: 'silent' }), registry, watched)
  const count = async (name: string, labels: Readonly<Record<string, string>>) => {
    const { values } = (await registry.getMetricsAsJSON()).find((metric) => metric.name === name) ?? { values: [] }
    const matches = values.filter((value) =>
      Object.entries(labels).every(([key, label]) => value.labels[key] === label),
    )
    return matches[0]?.value
  }
  return { events, count }
}
