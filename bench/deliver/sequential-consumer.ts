import { randomUUID } from 'node:crypto'
import { decodeMessageRecord, textOf } from '@whatsapp-sender/contract'
import axios from 'axios'
import { connectKafka } from '../kafka/topic-client.ts'

/**
 * The consumer that one writes first: `eachMessage`, an awaited axios call, automatic commits. It ends after so many
 * messages. `args`: brokers, topic, gateway, its key, messages, partitions consumed at once.
 */
export async function runSequentialConsumer(args: readonly string[]): Promise<undefined> {
  const [brokers = '', topic = '', gatewayUrl = '', apikey = '', count = '0', atOnce = '1'] = args
  const consumer = connectKafka(brokers.split(',')).consumer({ groupId: `sequential-${randomUUID()}` })
  let left = Number(count)
  const allSent = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    partitionsConsumedConcurrently: Number(atOnce),
    eachMessage: async ({ message }) => {
      const decoded = decodeMessageRecord(message.value, message.key)
      if (decoded.kind !== 'record' || left <= 0) return allSent.resolve()
      left -= 1
      const { instance, to } = decoded.record
      const body = { number: to.slice(1), text: textOf(decoded.record) }
      await axios.post(`${gatewayUrl}/message/sendText/${instance}`, body, { headers: { apikey } })
    },
  })
  await allSent.promise
  // Without leaving the group: its offsets are of no use to anybody.
  process.exit(0)
}
