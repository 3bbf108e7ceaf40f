import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import type { Kafka } from 'kafkajs'

const silent = createLogger({ service: 'bench', level: 'silent' })

export function connectKafka(brokers: readonly string[]): Kafka {
  return createKafka({
    config: { brokers: [...brokers], prefix: '' },
    clientId: 'whatsapp-sender-bench',
    logger: silent,
  })
}

/** Partitions of a topic with the offset that its next record will have. */
export async function endOffsets(kafka: Kafka, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]))
  } finally {
    await admin.disconnect()
  }
}
