import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { MessageEvent } from '@whatsapp-sender/contract'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import { type EventsTopic, followEvents } from '../support/events-topic.ts'
import { lanesOf, post } from '../support/load.ts'
import { type System, startSystem } from '../support/system.ts'

/** What Evolution says when it fails for a reason nobody knows: an attempt that counts. */
const UNKNOWN_WORDS = { status: 500, body: { status: 500, error: 'x', response: { message: 'nobody knows' } } }

let system: System
let topic: EventsTopic
let consumer: Awaited<ReturnType<System['startConsumer']>>
before(async () => {
  system = await startSystem({
    env: { KAFKA_SESSION_TIMEOUT_MS: '8000' },
    consumerEnv: { AMBIGUOUS_SETTLE_MS: '1000' },
    consumers: 0,
    gatewayEnv: { SANDBOX_DELIVERED_AFTER_MS: '50', SANDBOX_READ_AFTER_MS: '100' },
  })
  consumer = await system.startConsumer()
  for (const name of ['sales', 'news']) await system.admin.createInstance(name)
  topic = await followEvents(system)
})
after(async () => {
  await topic.close()
  await system.stop()
})

test('without a feed nothing is told; with one the whole life of a message is, in order and without its text', async () => {
  const silent = await system.admin.send('sales', '+5511988881000', 'nobody is told')
  await system.admin.follow(silent.body.id, ['read'])
  await turnOn()
  const told = await system.admin.send('sales', '+5511988881000', 'somebody is told')
  const events = await topic.follow(told.body.id, 'message.read')
  const types = events.map(({ type }) => type)
  assert.deepEqual(
    types.filter((type) => type !== 'message.delivered'),
    ['message.queued', 'message.sent', 'message.read'],
  )
  assert.deepEqual(
    events.map(({ n }) => n),
    events.map((_, at) => at + 1),
  )
  assert.equal(events[0]?.message.to, '+5511988881000')
  assert.ok(events[1]?.providerMessageId)
  assert.doesNotMatch(JSON.stringify(events), /somebody/)
  assert.deepEqual(topic.of(silent.body.id), [])
})

test('a message that fails says why, and each try says when the next comes', async () => {
  const absent = await system.admin.send('sales', '+5511988880404', 'not on WhatsApp')
  const [last] = (await topic.follow(absent.body.id, 'message.failed')).slice(-1)
  assert.ok(last?.reason?.code)
  await system.gateway.program('news', { ...UNKNOWN_WORDS, times: 1 })
  const stubborn = await system.admin.send('news', '+5511988881002', 'an error the first time')
  const events = await topic.follow(stubborn.body.id, 'message.retrying')
  const [retrying] = events.filter(({ type }) => type === 'message.retrying')
  assert.ok(retrying?.reason?.code)
  assert.ok(Date.parse(retrying.nextAttemptAt ?? '') > 0)
})

test('what a process had told to the row alone when it died is published', async () => {
  const { body } = await system.admin.send('news', '+5511988881001', 'left behind')
  await topic.follow(body.id, 'message.read')
  const rows = rowsOf(system)
  const { eventCount = 0 } = (await rows.findOne({ _id: body.id })) ?? {}
  const n = eventCount + 1
  await rows.updateOne(
    { _id: body.id },
    { $set: { outbox: [{ n, type: 'message.conflict', at: new Date() }], eventCount: n } },
  )
  await topic.follow(body.id, 'message.conflict')
})

test('when the consumer is killed under load, every change is published, in order per message', async () => {
  const posting = post(system.admin, lanesOf(['sales', 'news'], 20), 400, 'told')
  await until('a part of it has left', async () => {
    const count = await rowsOf(system).countDocuments({ status: { $in: ['sent', 'delivered', 'read'] } })
    return count > 60 ? true : undefined
  })
  process.kill(consumer.pid, 'SIGKILL')
  await consumer.exited
  await system.startConsumer()
  const ids = (await posting).flatMap(({ id }) => (id === undefined ? [] : [id]))
  // Those that were being sent are orphans for a while, and hold their lanes; all others go on.
  await until(
    'all is told that has happened',
    async () => {
      const rows = await rowsOf(system)
        .find({ _id: { $in: ids } })
        .toArray()
      const read = rows.filter(({ status }) => status === 'read')
      const isTold = rows.every(({ _id, eventCount }) => largestOf(topic.of(_id)) === eventCount)
      return rows.length === ids.length && read.length > 300 && isTold ? true : undefined
    },
    { timeoutMs: 60_000 },
  )
  for (const id of ids) {
    const firsts = firstsOf(topic.of(id))
    assert.deepEqual(
      firsts.map(({ n }) => n),
      firsts.map((_, at) => at + 1),
      id,
    )
  }
  const keys = new Map(topic.all().map(({ key, partition }) => [key, partition]))
  assert.ok(topic.all().every(({ event, key, partition }) => key === event.message.id && keys.get(key) === partition))
})

async function turnOn(): Promise<void> {
  const { body } = await system.admin.call<{ data: { id: string }[] }>('GET', '/v1/users')
  const id = body.data[0]?.id ?? ''
  const { status } = await system.admin.call('PATCH', `/v1/users/${id}`, { eventFeed: true })
  assert.equal(status, 200)
}

function rowsOf({ store }: System) {
  return store.db.collection<MessageDocument>('messages')
}

function largestOf(events: readonly MessageEvent[]): number {
  return Math.max(0, ...events.map(({ n }) => n))
}

/** Without those that came again. */
function firstsOf(events: readonly MessageEvent[]): MessageEvent[] {
  const seen = new Set<string>()
  return events.filter(({ id }) => {
    const isFirst = !seen.has(id)
    seen.add(id)
    return isFirst
  })
}
