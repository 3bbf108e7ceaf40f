import { partitionOf } from '@whatsapp-sender/contract'
import type { ICustomPartitioner, Kafka, Producer } from 'kafkajs'

export type EventsProducer = Readonly<{
  /** Resolves when all in-sync replicas have every record. The caller keeps one call in flight. */
  send(records: readonly Readonly<{ key: string; value: Buffer }>[]): Promise<void>
  /** Gives the connection up; the next `send` makes another. */
  retire(): Promise<void>
}>

const DEADLINE_MS = 15_000
/** A broker that does not answer lets a disconnect hang as well. */
const DISCONNECT_MAX_MS = 3000

/**
 * Writes to one topic; connects at the first record. kafkajs' idempotent producer can acknowledge records it never wrote
 * when it is used again after a failed send, so a connection that failed, or was overdue, is never used again.
 */
export function createEventsProducer(kafka: Pick<Kafka, 'producer'>, topic: string): EventsProducer {
  let producer: Producer | undefined

  const connect = async (): Promise<Producer> => {
    const made = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      createPartitioner,
      retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1500, multiplier: 2 },
    })
    producer = made
    await made.connect()
    return made
  }
  const retire = async (): Promise<void> => {
    const retired = producer
    producer = undefined
    if (retired !== undefined) await inTime(() => retired.disconnect(), DISCONNECT_MAX_MS).catch(() => {})
  }

  return {
    send: async (records) => {
      try {
        await inTime(async () => {
          const connected = producer ?? (await connect())
          const messages = records.map(({ key, value }) => ({ key, value }))
          await connected.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] })
        }, DEADLINE_MS)
      } catch (error) {
        void retire()
        throw error
      }
    },
    retire,
  }
}

async function inTime(work: () => Promise<void>, ms: number): Promise<void> {
  const overdue = Promise.withResolvers<never>()
  const timer = setTimeout(() => overdue.reject(new Error('no answer from Kafka in time')), ms)
  try {
    await Promise.race([work(), overdue.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The one `partitionOf` of all writers, over the partition count of the producer's own metadata. */
const createPartitioner: ICustomPartitioner = () => {
  return ({ message, partitionMetadata }) => partitionOf(String(message.key), partitionMetadata.length)
}
