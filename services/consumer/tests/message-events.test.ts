import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { decodeFeedEvent, type FeedEvent, kafkaNames, newMessageId, subjectOf } from '@whatsapp-sender/contract'
import { createLogger, createRegistry } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import { openStore, type Store } from '@whatsapp-sender/store'
import type { Admin, Consumer } from 'kafkajs'
import { createClock } from '../src/dispatch/clock.ts'
import { createEventsProducer, type EventsProducer } from '../src/kafka/events-producer.ts'
import { createNotify } from '../src/notify/create-notify.ts'

const { KAFKA_BROKERS = '127.0.0.1:9092', MONGO_URL = 'mongodb://127.0.0.1:27017' } = process.env
const run = `test_${process.pid}_${randomBytes(4).toString('hex')}`
const topic = kafkaNames(`${run}-`).messageEvents
const logger = createLogger({ service: 'events-test', level: 'silent' })
const kafka = createKafka({ config: { brokers: KAFKA_BROKERS.split(','), prefix: '' }, clientId: run, logger })
const seen: FeedEvent[] = []
let store: Store
let admin: Admin
let reader: Consumer
let offset = 0n

before(async () => {
  store = await openStore({ url: MONGO_URL, database: run, appName: run, secretKey: randomBytes(32).toString('hex') })
  await store.ensureIndexes()
  admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 1 }] })
  // A reader that ends waits for its open fetch.
  reader = kafka.consumer({ groupId: run, maxWaitTimeInMs: 100 })
  await reader.connect()
  await reader.subscribe({ topics: [topic], fromBeginning: true })
  await reader.run({
    eachMessage: async ({ message }) => {
      const decoded = decodeFeedEvent(message.value)
      assert.equal(decoded.kind, 'record')
      if (decoded.kind === 'record') seen.push(decoded.record)
    },
  })
})

after(async () => {
  await reader.disconnect()
  await admin.disconnect()
  await store.db.dropDatabase()
  await store.close()
})

beforeEach(() => {
  seen.length = 0
})

test('two processes that copy and publish at once, and lose requests and answers, leave nothing out and keep the order', async () => {
  const producers = [unreliable(createEventsProducer(kafka, topic)), unreliable(createEventsProducer(kafka, topic))]
  const both = producers.map((producer) => notify(producer))
  for (const each of both) await each.start?.()
  const ids: string[] = []
  for (let n = 0; n < 60; n++) ids.push(await lifeOf())
  await until('all is told', () => ids.every((id) => of(id).some(({ type }) => type === 'message.read')))
  for (const each of both) await each.stop?.()
  for (const id of ids) assert.deepEqual(firsts(of(id)), ['queued', 'sent', 'read'], id)
})

test('a process that begins anew goes on where the last one was, and not from the start', async () => {
  const first = notify(createEventsProducer(kafka, topic))
  await first.start?.()
  const before = await lifeOf()
  await until('told', () => of(before).length >= 3)
  await until('its place is kept', async () => {
    return (await store.events.position('messages.events')) === (await store.events.head())
  })
  await first.stop?.()
  seen.length = 0
  const afterwards = await lifeOf()
  const second = notify(createEventsProducer(kafka, topic))
  await second.start?.()
  await until('told', () => of(afterwards).length >= 3)
  await second.stop?.()
  assert.deepEqual(of(before), [])
})

test('a topic that is not there costs nothing but time: what waited comes when it is', async () => {
  const later = `${topic}-later`
  const producer = createEventsProducer(kafka, later)
  const records = [{ key: 'a', value: Buffer.from('{}') }]
  await assert.rejects(producer.send(records))
  await admin.createTopics({ topics: [{ topic: later, numPartitions: 1, replicationFactor: 1 }] })
  await until('it is written', () =>
    producer.send(records).then(
      () => true,
      () => false,
    ),
  )
  await producer.retire()
})

function notify(producer: EventsProducer) {
  return createNotify({
    store,
    producer,
    clock: createClock(),
    isActive: () => true,
    onEvents: () => {},
    logger,
    registry: createRegistry({ service: 'events-test' }),
  })
}

/** Every third request is lost on its way out, and every third answer on its way back. */
function unreliable(producer: EventsProducer): EventsProducer {
  let requests = 0
  return {
    send: async (records) => {
      requests += 1
      if (requests % 3 === 1) throw new Error('the request was lost')
      await producer.send(records)
      if (requests % 3 === 2) throw new Error('the answer was lost')
    },
    retire: producer.retire,
  }
}

/** A message that is queued, sent and read while others look for what there is to tell. */
async function lifeOf(): Promise<string> {
  offset += 1n
  const id = newMessageId()
  const keyId = randomUUID()
  const record = {
    v: 1,
    id,
    user: 'ana',
    instance: 'sales',
    instanceId: 'instance-1',
    to: '+5511999991000',
    type: 'text',
    content: { text: 'Hi' },
    bodyHash: 'a'.repeat(64),
    priority: 'normal',
    onAmbiguous: 'resend',
    acceptedAt: new Date().toISOString(),
    feed: true,
  } as const
  await store.ledger.insert([{ record, appendedAt: Date.now(), offset, wake: false }], new Date())
  const claim = randomUUID()
  await store.ledger.claim({ ids: [id], token: claim, by: run })
  const attempt = { number: 1, startedAt: new Date(), durationMs: 1, outcome: 'sent' } as const
  await store.ledger.recordOutcomes([
    { id, claim, attempt, counted: true, status: 'sent', providerMessageId: keyId, by: 'answer' },
  ])
  await store.ledger.applyReceipts([{ instanceId: 'instance-1', keyId, status: 'READ', at: new Date() }])
  return id
}

function of(id: string): FeedEvent[] {
  return seen.filter((event) => subjectOf(event) === id)
}

/** Types in the order of their first coming. */
function firsts(events: readonly FeedEvent[]): string[] {
  return [...new Set(events.map(({ type }) => type.replace('message.', '')))]
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const endsAt = performance.now() + 30_000; !(await isTrue()); ) {
    assert.ok(performance.now() < endsAt, `${what}: it never came`)
    await wait(20)
  }
}
