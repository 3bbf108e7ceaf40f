import { partitionOf } from '@whatsapp-sender/contract'
import type { ICustomPartitioner, Kafka } from 'kafkajs'
import type { MessageTraces } from '../message-traces.ts'
import type { KeyedRecord, ProducerConnection } from './group-commit-producer.ts'

/**
 * An idempotent producer for one topic. The caller keeps one `sendBatch` in flight and uses it no more after a failure.
 * @param traces undefined: nothing in the topic is traced
 */
export function createKafkaConnection(
  kafka: Kafka,
  topic: string,
  traces: Pick<MessageTraces, 'producing'> | undefined,
): ProducerConnection {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    createPartitioner,
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1500, multiplier: 2 },
  })
  const sendBatch = async (records: readonly KeyedRecord[]): Promise<void> => {
    await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages: records.map(messageOf) }] })
  }
  return {
    connect: () => producer.connect(),
    sendBatch: traces === undefined ? sendBatch : (records) => traces.producing(records, () => sendBatch(records)),
    disconnect: () => producer.disconnect(),
  }
}

function messageOf({ key, value, headers }: KeyedRecord) {
  return { key, value, headers: { ...headers } }
}

/** The one `partitionOf` of both sides, over the partition count of the producer's own metadata. */
const createPartitioner: ICustomPartitioner = () => {
  return ({ message, partitionMetadata }) => partitionOf(String(message.key), partitionMetadata.length)
}
