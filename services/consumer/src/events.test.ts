import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createLogger, createRegistry } from '@whatsapp-sender/service-runtime'
import { expiryOf } from './delivery/ended-unsent.ts'
import { createConsumerEvents } from './events.ts'

test('a message that ends unsent is counted by how it ended', async () => {
  const { events, count } = setUp()
  events.ended({ id: 'message-1', instance: 'shop' }, { status: 'failed', code: 'instance-deleted' })
  events.ended({ id: 'message-2', instance: 'shop' }, expiryOf(false))
  events.ended({ id: 'message-3', instance: 'shop' }, expiryOf(false))
  events.ended({ id: 'message-4', instance: 'shop' }, expiryOf(true))
  assert.equal(await count('whatsapp_messages_ended_unsent_total', { status: 'failed' }), 1)
  assert.equal(await count('whatsapp_messages_ended_unsent_total', { status: 'expired' }), 2)
  assert.equal(await count('whatsapp_messages_ended_unsent_total', { status: 'unknown' }), 1)
})

test('what was still to be read counts until the partition is somebody else’s', async () => {
  const { events, count } = setUp()
  events.unread(0, left(7))
  events.unread(3, left(5))
  events.unread(0, left(2))
  assert.equal(await count('whatsapp_records_behind', {}), 7)
  events.assigned([3], true)
  assert.equal(await count('whatsapp_records_behind', {}), 5)
})

test('while nothing can be stored, what the broker counts is unread, also where nothing was read', async () => {
  const { events, count } = setUp()
  events.unread(0, { recordsBehind: 4, unreadFrom: NOW - 9000 })
  const counted = { 0: 600, 1: 500, 2: 0 }
  await events.countUnread(async () => new Map(Object.entries(counted).map(([at, left]) => [Number(at), left])))
  assert.equal(await count('whatsapp_records_behind', {}), 1100)
  assert.equal(await count('whatsapp_oldest_unread_seconds', {}), 9)
  events.unread(0, left(0))
  assert.equal(await count('whatsapp_records_behind', {}), 500)
})

test('what was read while the broker counted is not counted again', async () => {
  const { events, count } = setUp()
  events.unread(0, left(4))
  await events.countUnread(async () => {
    events.unread(0, left(0))
    return new Map([[0, 4]])
  })
  assert.equal(await count('whatsapp_records_behind', {}), 0)
})

test('the oldest message that is not read yet is the first that is left of any partition', async () => {
  const { events, count } = setUp()
  const seconds = () => count('whatsapp_oldest_unread_seconds', {})
  assert.equal(await seconds(), 0)
  events.unread(0, { recordsBehind: 4, unreadFrom: NOW - 9000 })
  events.unread(1, { recordsBehind: 1, unreadFrom: NOW - 4000 })
  assert.equal(await seconds(), 9)
  events.unread(0, { recordsBehind: 3, unreadFrom: NOW - 7000 })
  assert.equal(await seconds(), 7)
  events.unread(0, { recordsBehind: 0, unreadFrom: NOW - 6000 })
  assert.equal(await seconds(), 4)
  events.assigned([], false)
  assert.equal(await seconds(), 0)
})

test('only what was sent after it could go is measured from there, and what leaves within 30 s keeps the promise', async () => {
  const { events, count } = setUp()
  const attempt = { number: 1, startedAt: new Date(NOW), durationMs: 5, outcome: 'sent' } as const
  const sent = {
    id: 'm',
    claim: 'c',
    counted: true,
    status: 'sent',
    providerMessageId: 'p',
    by: 'answer',
    attempt,
  } as const
  for (const dueSince of [NOW - 1000, NOW - 29_000, NOW - 31_000, undefined])
    events.outcome({ id: 'm', instance: 'i' }, sent, { acceptedAt: NOW - 60_000, dueSince, now: NOW })
  assert.equal(await count('whatsapp_sent_after_due_seconds', { le: '30' }), 2)
  assert.equal(await count('whatsapp_sent_after_due_seconds', { le: '+Inf' }), 3)
})

test('a lease that was renewed later than others wait counts as late', async () => {
  const { events, count } = setUp()
  events.leaseRenewed(undefined)
  events.leaseRenewed(5_000)
  events.leaseRenewed(20_001)
  events.leaseNotRenewed(new Error('away'))
  const results = ['renewed', 'late', 'failed'].map((result) => count('whatsapp_lease_renewals_total', { result }))
  assert.deepEqual(await Promise.all(results), [2, 1, 1])
})

test('what keeps a consumer from beginning anything is told apart', async () => {
  const { count } = setUp()
  assert.equal(await count('whatsapp_sending_paused', { why: 'group' }), 0)
  assert.equal(await count('whatsapp_sending_paused', { why: 'database' }), 1)
})

test('a wait that the stop ends is no failure, and what fails is one', async () => {
  const { events, count } = setUp()
  events.failed(await wait(60_000, undefined, { signal: AbortSignal.abort() }).catch((error: unknown) => error))
  assert.equal(await count('whatsapp_consumer_errors_total', {}), 0)
  events.failed(new Error('away'))
  assert.equal(await count('whatsapp_consumer_errors_total', {}), 1)
})

const NOW = 1_000_000_000

function left(recordsBehind: number) {
  return { recordsBehind, unreadFrom: NOW }
}

function setUp() {
  const registry = createRegistry({ service: 'test' })
  const watched = () => ({
    dispatcher: { due: () => 0, oldestDueMs: () => 0, inFlight: () => 0, instances: () => 0 },
    gates: { shut: () => 0, mine: () => [] },
    ingest: { mayBegin: () => true, partitionsBlocked: () => 0 },
    health: { isWritable: () => false },
    heartbeat: { ageMs: () => 0 },
    clock: { storeNow: () => NOW },
    config: { instanceMetricsMax: 0 },
  })
  const events = createConsumerEvents(createLogger({ service: 'test', level: 'silent' }), registry, watched)
  const count = async (name: string, labels: Readonly<Record<string, string>>) => {
    const { values } = (await registry.getMetricsAsJSON()).find((metric) => metric.name === name) ?? { values: [] }
    const matches = values.filter((value) =>
      Object.entries(labels).every(([key, label]) => String(value.labels[key]) === label),
    )
    return matches[0]?.value
  }
  return { events, count }
}
