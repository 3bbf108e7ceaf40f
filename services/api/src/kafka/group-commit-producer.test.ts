import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createGroupCommitProducer,
  type GroupCommitLimits,
  type KeyedRecord,
  type ProducerConnection,
} from './group-commit-producer.ts'

const LIMITS: GroupCommitLimits = {
  batchRecordsMax: 5,
  batchBytesMax: 10_000,
  batchSpacingMs: 0,
  waitingMax: 20,
  waitMsMax: 100,
  deadlineMs: 300,
}

describe('group commit', () => {
  test('sends at once what comes alone, and together, in order, what came while a batch was in flight', async () => {
    const broker = createBroker()
    const producer = await connected(broker)
    const first = producer.publish(record('0'))
    const others = ['1', '2', '3'].map((key) => producer.publish(record(key)))
    assert.deepEqual(broker.batches, [['0']])
    broker.acknowledge()
    assert.equal(await first, 'published')
    await broker.untilBatches(2)
    assert.deepEqual(broker.batches[1], ['1', '2', '3'])
    broker.acknowledge()
    assert.deepEqual(await Promise.all(others), ['published', 'published', 'published'])
  })

  test('never has two batches in flight, and no batch above its bounds', async () => {
    const broker = createBroker({ acknowledgeAlone: true })
    const producer = await connected(broker)
    const outcomes = await Promise.all(Array.from({ length: 18 }, (_, i) => producer.publish(record(String(i)))))
    assert.ok(outcomes.every((outcome) => outcome === 'published'))
    assert.equal(broker.mostInFlight(), 1)
    assert.ok(broker.batches.every((batch) => batch.length <= LIMITS.batchRecordsMax))
    assert.deepEqual(
      broker.batches.flat(),
      Array.from({ length: 18 }, (_, i) => String(i)),
    )
  })

  test('cuts a batch before it outgrows the bytes a topic takes', async () => {
    const broker = createBroker()
    const producer = await connected(broker)
    void producer.publish(record('0'))
    for (const key of ['1', '2', '3']) void producer.publish(record(key, 4000))
    broker.acknowledge()
    await broker.untilBatches(2)
    assert.deepEqual(broker.batches[1], ['1', '2'])
  })

  test('sends what comes together as one batch, behind what came before', async () => {
    const broker = createBroker()
    const producer = await connected(broker)
    const outcomes = producer.publishAll(['0', '1', '2'].map((key) => record(key)))
    void producer.publish(record('3'))
    const others = producer.publishAll(['4', '5'].map((key) => record(key)))
    assert.deepEqual(broker.batches, [['0', '1', '2']])
    broker.acknowledge()
    assert.deepEqual(await outcomes, ['published', 'published', 'published'])
    await broker.untilBatches(2)
    assert.deepEqual(broker.batches[1], ['3', '4', '5'])
    broker.fail()
    assert.deepEqual(await others, ['unknown', 'unknown'])
    assert.deepEqual(await producer.publishAll([record('6')]), ['unavailable'])
  })

  test('of what comes together takes as much as fits, the first ones, and sends nothing of the rest', async () => {
    const broker = createBroker({ acknowledgeAlone: true })
    const producer = await connected(broker)
    const outcomes = await producer.publishAll(Array.from({ length: 23 }, (_, i) => record(String(i))))
    const fitting = Array.from({ length: LIMITS.waitingMax }, () => 'published')
    assert.deepEqual(outcomes, [...fitting, 'overloaded', 'overloaded', 'overloaded'])
    assert.deepEqual(
      broker.batches.flat(),
      fitting.map((_, i) => String(i)),
    )
  })

  test('refuses at once what does not fit into the queue', async () => {
    const broker = createBroker()
    const producer = await connected(broker)
    const waiting = Array.from({ length: LIMITS.waitingMax + 1 }, (_, i) => producer.publish(record(String(i))))
    assert.equal(await producer.publish(record('late')), 'overloaded')
    assert.equal(waiting.length, 21)
    assert.ok(!broker.batches.flat().includes('late'))
  })

  test('refuses what has waited too long, and never sends it', async () => {
    const broker = createBroker()
    const producer = await connected(broker)
    const stuck = producer.publish(record('stuck'))
    const waiting = producer.publish(record('waiting'))
    assert.equal(await waiting, 'overloaded')
    broker.acknowledge()
    assert.equal(await stuck, 'published')
    assert.deepEqual(broker.batches, [['stuck']])
  })

  test('answers unknown for the whole batch when a send fails, and never uses that connection again', async () => {
    const broker = createBroker()
    const producer = await connected(broker)
    const first = producer.publish(record('0'))
    broker.fail()
    assert.equal(await first, 'unknown')
    await until(() => broker.connections() === 2 && producer.isConnected())
    const second = producer.publish(record('1'))
    broker.acknowledge()
    assert.equal(await second, 'published')
    assert.deepEqual(broker.usedConnections, [1, 2])
    assert.deepEqual(broker.disconnected, [1])
  })

  test('answers unknown when the broker says nothing within the deadline, and gives the connection up', async () => {
    const broker = createBroker()
    const producer = await connected(broker)
    assert.equal(await producer.publish(record('0')), 'unknown')
    assert.deepEqual(broker.disconnected, [1])
  })

  test('refuses at once what comes while a batch has been stuck for longer than anything may wait', async () => {
    const broker = createBroker()
    const producer = await connected(broker)
    const stuck = producer.publish(record('stuck'))
    const waiting = producer.publish(record('waiting'))
    await waiting
    await until(() => performance.now() - broker.lastSendAt() > LIMITS.waitMsMax)
    const startedAt = performance.now()
    assert.equal(await producer.publish(record('next')), 'overloaded')
    assert.ok(performance.now() - startedAt < 20)
    broker.acknowledge()
    assert.equal(await stuck, 'published')
  })

  test('refuses what comes before there is a connection', async () => {
    const producer = createGroupCommitProducer({ name: 'p', limits: LIMITS, createConnection: createBroker().connect })
    assert.equal(await producer.publish(record('0')), 'unavailable')
  })

  test('sends what waits before it stops', async () => {
    const broker = createBroker({ acknowledgeAlone: true })
    const producer = await connected(broker)
    const outcomes = Array.from({ length: 12 }, (_, i) => producer.publish(record(String(i))))
    await producer.stop()
    assert.ok((await Promise.all(outcomes)).every((outcome) => outcome === 'published'))
    assert.equal(await producer.publish(record('late')), 'unavailable')
    assert.deepEqual(broker.disconnected, [1])
  })
})

function record(key: string, bytes = 10): KeyedRecord {
  return { key, value: Buffer.alloc(bytes), headers: {} }
}

async function connected(broker: ReturnType<typeof createBroker>) {
  const producer = createGroupCommitProducer({ name: 'p', limits: LIMITS, createConnection: broker.connect })
  await producer.start()
  await until(() => producer.isConnected())
  return producer
}

/** A broker that answers when it is told to. */
function createBroker({ acknowledgeAlone = false } = {}) {
  const batches: string[][] = []
  const usedConnections: number[] = []
  const disconnected: number[] = []
  let connections = 0
  let inFlight = 0
  let mostInFlight = 0
  let lastSendAt = 0
  let pending: PromiseWithResolvers<void> | undefined
  const connect = (): ProducerConnection => {
    const id = ++connections
    return {
      connect: async () => {},
      sendBatch: async (records) => {
        batches.push(records.map(({ key }) => key))
        usedConnections.push(id)
        lastSendAt = performance.now()
        mostInFlight = Math.max(mostInFlight, ++inFlight)
        pending = Promise.withResolvers()
        if (acknowledgeAlone) setTimeout(pending.resolve, 2)
        await pending.promise.finally(() => inFlight--)
      },
      disconnect: async () => void disconnected.push(id),
    }
  }
  return {
    connect,
    batches,
    usedConnections,
    disconnected,
    connections: () => connections,
    mostInFlight: () => mostInFlight,
    lastSendAt: () => lastSendAt,
    acknowledge: () => pending?.resolve(),
    fail: () => pending?.reject(new Error('connection lost')),
    untilBatches: (count: number) => until(() => batches.length >= count),
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const endsAt = performance.now() + 5000; !isTrue(); ) {
    assert.ok(performance.now() < endsAt, 'the condition never came')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
