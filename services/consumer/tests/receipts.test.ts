import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type EvolutionEventRecord,
  encodeEvolutionEvent,
  kafkaNames,
  newMessageId,
  partitionOf,
  textHashOf,
} from '@whatsapp-sender/contract'
import { createLogger, createRegistry } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import { type IngestedMessage, openStore, type Store } from '@whatsapp-sender/store'
import { type Admin, Partitioners, type Producer } from 'kafkajs'
import { createReceiptEvents } from '../src/receipts/receipt-events.ts'
import { createReceiptsConsumer, type ReceiptsConsumer } from '../src/receipts/receipts-consumer.ts'
import { createReceiptsProgress } from '../src/receipts/receipts-progress.ts'

const { KAFKA_BROKERS = '127.0.0.1:9092', MONGO_URL = 'mongodb://127.0.0.1:27017' } = process.env
const PARTITIONS = 3
const run = `test_${process.pid}_${randomBytes(4).toString('hex')}`
const logger = createLogger({ service: 'receipts-test', level: 'silent' })
const config = { brokers: KAFKA_BROKERS.split(','), prefix: '' }
const kafka = createKafka({ config, clientId: run, logger })
let store: Store
let admin: Admin
let producer: Producer

before(async () => {
  store = await openStore({ url: MONGO_URL, database: run, appName: run, secretKey: randomBytes(32).toString('hex') })
  await store.ensureIndexes()
  admin = kafka.admin()
  await admin.connect()
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
})

after(async () => {
  await producer.disconnect()
  await admin.disconnect()
  await store.db.dropDatabase()
  await store.close()
})

let names: ReturnType<typeof kafkaNames>
let topics = 0
beforeEach(async () => {
  topics += 1
  names = kafkaNames(`${run}-${topics}-`)
  await admin.createTopics({
    topics: [{ topic: names.evolutionEvents, numPartitions: PARTITIONS, replicationFactor: 1 }],
  })
})

test('a receipt moves its message on, and late ones never move it back', async () => {
  const sent = await sentMessage()
  await withConsumer({}, async () => {
    await publish(receipt(sent, 'READ'))
    await until('read', async () => (await statusOf(sent)) === 'read')
    await publish(receipt(sent, 'DELIVERY_ACK'), receipt(sent, 'ERROR'), receipt(sent, 'PENDING'))
    await until('all are handled', () => progressPast())
    assert.equal(await statusOf(sent), 'read')
  })
})

test('a receipt that comes before its message is written joins it afterwards', async () => {
  const instanceId = randomUUID()
  const keyId = randomUUID()
  await withConsumer({}, async () => {
    await publish(receipt({ instanceId, keyId }, 'DELIVERY_ACK'))
    await until('kept for later', async () => (await pendingIds(instanceId)).length === 1)
    const sent = await sentMessage({ instanceId, keyId })
    await until('delivered', async () => (await statusOf(sent)) === 'delivered')
    await until('not kept any longer', async () => (await pendingIds(instanceId)).length === 0)
  })
})

test('a receipt of another instance leaves the message alone', async () => {
  const sent = await sentMessage()
  await withConsumer({}, async () => {
    await publish(receipt({ instanceId: randomUUID(), keyId: sent.keyId }, 'READ'))
    await until('all are handled', () => progressPast())
    assert.equal(await statusOf(sent), 'sent')
  })
})

test('a recipient who opts out is on the suppression list before the event is done with', async () => {
  const created = await store.instances.create({
    name: `opt-out-${topics}`,
    owner: 'ana',
    evolutionToken: 'token',
    webhookSecretHash: 'hash',
    state: 'open',
  })
  assert.ok(created !== 'name-taken')
  const head = { v: 1, instance: 'sales', receivedAt: new Date().toISOString() } as const
  const optOut = { ...head, kind: 'opt-out', number: '+5511999991000', word: 'SAIR' } as const
  await withConsumer({}, async () => {
    await publish({ ...optOut, instanceId: randomUUID() }, { ...optOut, instanceId: created.id })
    await until('all are handled', () => progressPast())
    const { data } = await store.suppressions.list('ana', { limit: 10 })
    assert.deepEqual(
      data.map(({ number, reason, source }) => ({ number, reason, source })),
      [{ number: '+5511999991000', reason: 'SAIR', source: 'inbound' }],
    )
  })
})

test('the same event ten times is one change', async () => {
  const sent = await sentMessage()
  const event = receipt(sent, 'DELIVERY_ACK')
  const unknown = receipt({ instanceId: sent.instanceId, keyId: randomUUID() }, 'READ')
  await withConsumer({}, async () => {
    for (let i = 0; i < 10; i++) await publish(event, unknown)
    await until('all are handled', () => progressPast())
    const row = await store.ledger.findOwned('user', sent.id)
    assert.deepEqual(row?.deliveredAt, new Date(event.receivedAt))
    assert.equal((await pendingIds(sent.instanceId)).length, 1)
  })
})

test('a send that no message knows of is kept as evidence, and one that is known is not', async () => {
  const sent = await sentMessage()
  const { instanceId } = sent
  const lost = { instanceId, keyId: randomUUID() }
  const textHash = textHashOf('hello')
  const evidence = () =>
    store.pendingReceipts.evidenceFor({
      instanceId,
      textHash,
      from: new Date(Date.now() - 60_000),
      messageId: randomUUID(),
    })
  await withConsumer({}, async () => {
    await publish(sentEvent(sent, textHash), sentEvent(lost, textHash))
    await until('all are handled', () => progressPast())
    const candidates = await evidence()
    assert.deepEqual(
      candidates.map(({ keyId }) => keyId),
      [lost.keyId],
    )
    assert.equal(candidates[0]?.remoteJid, '5511999991000@s.whatsapp.net')
    await sentMessage(lost)
    assert.deepEqual(await evidence(), [], 'once a message has the id it proves nothing for another one')
  })
})

test('a connection event asks the owner to look, and says nothing by itself', async () => {
  const instance = await store.instances.create({
    name: 'sales',
    owner: 'user',
    evolutionToken: 'token',
    webhookSecretHash: 'hash',
    state: 'open',
  })
  assert.ok(instance !== 'name-taken')
  await withConsumer({}, async () => {
    await publish({ v: 1, instance: 'sales', instanceId: instance.id, receivedAt: now(), kind: 'connection' })
    await until('asked', async () => (await store.instances.findByName('sales'))?.checkAt !== undefined)
    assert.equal((await store.instances.findByName('sales'))?.state, 'open')
  })
})

test('what cannot be decoded is kept as it came, and the partition moves on', async () => {
  const sent = await sentMessage()
  const partition = partitionOf('sales', PARTITIONS)
  await producer.send({
    topic: names.evolutionEvents,
    messages: [null, Buffer.from([0xff, 0x00]), Buffer.from('{"v":1}')].map((value) => ({ value, partition })),
  })
  await withConsumer({}, async () => {
    await publish(receipt(sent, 'READ'))
    await until('read', async () => (await statusOf(sent)) === 'read')
  })
  const kept = await store.db
    .collection('undecodable')
    .find({ topic: names.evolutionEvents })
    .sort({ offset: 1 })
    .toArray()
  assert.deepEqual(
    kept.map(({ reason }) => reason),
    ['empty', 'not-json', 'wrong-shape'],
  )
  assert.deepEqual(kept[1]?.['value'].value(), Buffer.from([0xff, 0x00]))
})

test('a record of a later version makes its partition wait and the consumer unready; nothing is skipped', async () => {
  const sent = await sentMessage()
  const partition = partitionOf('sales', PARTITIONS)
  await withConsumer({}, async (consumer) => {
    await until('ready', async () => consumer.isReady())
    await publish(receipt(sent, 'DELIVERY_ACK'))
    await producer.send({ topic: names.evolutionEvents, messages: [{ value: '{"v":2}', partition }] })
    await publish(receipt(sent, 'READ'))
    await until('unready', async () => !consumer.isReady())
    await until('what came before is stored', async () => (await statusOf(sent)) === 'delivered')
    assert.equal(consumer.isAlive(), true)
  })
  assert.equal(await statusOf(sent), 'delivered')
  const [committed] = await admin.fetchOffsets({ groupId: names.receiptsGroup, topics: [names.evolutionEvents] })
  assert.equal(committed?.partitions.find((each) => each.partition === partition)?.offset, '1')
})

test('a database that is away loses no receipt, and the consumer stays in its group', async () => {
  const sent = await sentMessage()
  let away = true
  const tries: number[] = []
  const failing = async (receipts: Parameters<Store['ledger']['applyReceipts']>[0]) => {
    tries.push(performance.now())
    if (away) await store.db.command({ refused: 1 })
    return await store.ledger.applyReceipts(receipts)
  }
  const applyReceipts = { ...store.ledger, applyReceipts: failing }
  await withConsumer({ ledger: applyReceipts, sessionTimeoutMs: 6000 }, async (consumer) => {
    await until('ready', async () => consumer.isReady())
    await publish(receipt(sent, 'READ'))
    const group = async () => (await admin.describeGroups([names.receiptsGroup])).groups[0]
    const member = (await group())?.members[0]?.memberId
    // Without heartbeats the member would be thrown out.
    await until('tried for longer than the session', async () => (tries.at(-1) ?? 0) - (tries[0] ?? 0) > 7000)
    assert.equal((await group())?.members[0]?.memberId, member)
    const [committed] = await admin.fetchOffsets({ groupId: names.receiptsGroup, topics: [names.evolutionEvents] })
    assert.ok(committed?.partitions.every(({ offset }) => offset === '-1'))
    away = false
    await until('read', async () => (await statusOf(sent)) === 'read')
  })
})

test('receipts count as read past a moment only when all that came before it is stored', async () => {
  const sent = await sentMessage()
  await publish(receipt(sent, 'READ'))
  const moment = new Date()
  const progress = createReceiptsProgress({ kafka, topic: names.evolutionEvents, group: names.receiptsGroup })
  try {
    assert.equal(await progress.readPast(moment), false)
    assert.equal(await progress.readPast(new Date(Date.now() + 60_000)), false, 'the future is never read')
    await withConsumer({}, async () => {
      await until('read past', () => progress.readPast(moment))
      assert.equal(await statusOf(sent), 'read')
      await until('idle partitions do not hold it up', () => progress.readPast(moment))
    })
  } finally {
    await progress.stop()
  }
})

type Sent = Readonly<{ id: string; instanceId: string; keyId: string }>
type Overrides = Readonly<{ ledger?: Store['ledger']; sessionTimeoutMs?: number }>

async function withConsumer(overrides: Overrides, body: (consumer: ReceiptsConsumer) => Promise<void>): Promise<void> {
  const consumer = createReceiptsConsumer({
    kafka,
    names,
    ...store,
    events: createReceiptEvents(logger, createRegistry({ service: 'test' })),
    onEvidence: async () => {},
    partitionsAtOnce: PARTITIONS,
    ...overrides,
  })
  await consumer.start()
  try {
    await body(consumer)
  } finally {
    await consumer.stop()
  }
}

async function sentMessage({ instanceId = randomUUID(), keyId = randomUUID() }: Partial<Sent> = {}): Promise<Sent> {
  const id = newMessageId()
  await store.ledger.insert([ingested(id, instanceId)], new Date())
  const claim = randomUUID()
  await store.ledger.claim({ ids: [id], token: claim, by: 'test' })
  const attempt = { number: 1, startedAt: new Date(), durationMs: 1, outcome: 'sent' as const }
  const outcome = { id, claim, attempt, counted: true, status: 'sent', providerMessageId: keyId, by: 'answer' } as const
  assert.equal(await store.ledger.recordOutcomes([outcome]), 1)
  return { id, instanceId, keyId }
}

function ingested(id: string, instanceId: string): IngestedMessage {
  const record = {
    v: 1 as const,
    id,
    user: 'user',
    instance: 'sales',
    instanceId,
    to: '+5511999991000',
    type: 'text' as const,
    content: { text: 'hello' },
    bodyHash: '0'.repeat(64),
    priority: 'normal' as const,
    onAmbiguous: 'resend' as const,
    acceptedAt: now(),
  }
  return { record, appendedAt: Date.now(), offset: 0n, wake: false }
}

type ReceiptRecord = Extract<EvolutionEventRecord, { kind: 'receipt' }>

function receipt(of: Omit<Sent, 'id'>, status: ReceiptRecord['status']): ReceiptRecord {
  const { instanceId, keyId } = of
  return { v: 1, instance: 'sales', instanceId, receivedAt: now(), kind: 'receipt', keyId, status }
}

function sentEvent({ instanceId, keyId }: Omit<Sent, 'id'>, textHash: string): EvolutionEventRecord {
  const remoteJid = '5511999991000@s.whatsapp.net'
  return { v: 1, instance: 'sales', instanceId, receivedAt: now(), kind: 'sent', keyId, remoteJid, textHash }
}

async function publish(...records: EvolutionEventRecord[]): Promise<void> {
  const messages = records.map((record) => ({ key: record.instance, value: encodeEvolutionEvent(record) }))
  await producer.send({ topic: names.evolutionEvents, messages })
}

async function statusOf({ id }: Pick<Sent, 'id'>) {
  return (await store.ledger.findOwned('user', id))?.status
}

async function pendingIds(instanceId: string): Promise<unknown[]> {
  const found = await store.db.collection('pending_receipts').find({ instanceId }).toArray()
  return found.map(({ _id }) => _id)
}

/** Everything published so far is stored and committed. */
async function progressPast(): Promise<boolean> {
  const ends = await admin.fetchTopicOffsets(names.evolutionEvents)
  const [committed] = await admin.fetchOffsets({ groupId: names.receiptsGroup, topics: [names.evolutionEvents] })
  return ends.every(({ partition, high }) => {
    const position = committed?.partitions.find((each) => each.partition === partition)?.offset
    return high === '0' || position === high
  })
}

function now(): string {
  return new Date().toISOString()
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not: ${what}`)
    await wait(25)
  }
}
