import axios, { AxiosError } from 'axios'
import { z } from 'zod'
import { connectKafka } from '../kafka/topic-client.ts'

const COMMIT_EVERY_MS = 5000
const SESSION_TIMEOUT_MS = 10_000

const OlderRecord = z.object({ instance: z.string(), recipient_number: z.string(), message: z.string() })
type OlderRecord = z.infer<typeof OlderRecord>

/**
 * How the older system sent, rendered with what its Python libraries do by default: a task for each record and no bound
 * on them, offsets of what was *read* committed every five seconds, an error written to the log and nowhere else.
 * `args`: brokers, topic, group, gateway, its key.
 */
export async function runOlderSender(args: readonly string[]): Promise<never> {
  const [brokers = '', topic = '', groupId = '', gatewayUrl = '', apikey = ''] = args
  const consumer = connectKafka(brokers.split(',')).consumer({ groupId, sessionTimeout: SESSION_TIMEOUT_MS })
  const positions = new Map<number, bigint>()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const record = OlderRecord.parse(JSON.parse(message.value?.toString() ?? ''))
      void send({ gatewayUrl, apikey }, record)
      positions.set(partition, BigInt(message.offset) + 1n)
    },
  })
  setInterval(() => {
    const offsets = [...positions].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }))
    consumer.commitOffsets(offsets).catch((error: unknown) => console.error('commit failed', error))
  }, COMMIT_EVERY_MS)
  return new Promise(() => {})
}

async function send(
  { gatewayUrl, apikey }: Readonly<{ gatewayUrl: string; apikey: string }>,
  { instance, recipient_number: number, message: text }: OlderRecord,
): Promise<void> {
  try {
    await axios.post(`${gatewayUrl}/message/sendText/${instance}`, { number, text }, { headers: { apikey } })
  } catch (error) {
    console.error('Failed to send message.', error instanceof AxiosError ? error.response?.status : error)
  }
}
