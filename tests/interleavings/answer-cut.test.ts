import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { kafkaNames } from '@whatsapp-sender/contract'
import { createTopics } from '@whatsapp-sender/sandbox/embedded/topics'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import { type OwnServer, startOwnBroker } from '../faults/support/own-server.ts'

const RECORDS = 40
const RECORD_BYTES = 50_000
const CUTS = 2
const { messages: topic } = kafkaNames('')

let broker: OwnServer
before(async () => {
  broker = await startOwnBroker()
  await createTopics([broker.directAddress], '', 1)
})
after(() => broker.stop())

test('a consumer whose connection breaks in the middle of an answer reads on over the next one', async () => {
  const producer = kafkaAt(broker.directAddress).producer()
  await producer.connect()
  for (let n = 0; n < RECORDS; n++) {
    await producer.send({ topic, messages: [{ key: String(n), value: Buffer.alloc(RECORD_BYTES, n) }] })
  }
  await producer.disconnect()

  const read: string[] = []
  const consumer = kafkaAt(broker.address).consumer({
    groupId: 'reads-on',
    retry: { initialRetryTime: 50, retries: 10 },
  })
  let cuts = 0
  broker.proxy.order({
    toClient: {
      // Records come in many pieces: the first of them is let through, and what follows is not.
      inspect: (piece) => {
        if (piece.length > RECORD_BYTES / 10 && cuts < CUTS) {
          cuts += 1
          setImmediate(() => broker.proxy.resetAll())
        }
        return 'pass'
      },
    },
  })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ eachMessage: async ({ message }) => void read.push(String(message.key)) })
    await until('all is read', async () => (read.length >= RECORDS ? true : undefined), { timeoutMs: 30_000 })
  } finally {
    broker.proxy.order({})
    await consumer.disconnect()
  }
  assert.equal(cuts, CUTS)
  assert.deepEqual(new Set(read).size, RECORDS)
})

function kafkaAt(address: string) {
  const logger = createLogger({ service: 'test', level: 'silent' })
  return createKafka({ config: { brokers: [address], prefix: '' }, clientId: 'test', logger })
}
