import type { TopicDefinition } from '@whatsapp-sender/contract'
import { Kafka, logLevel } from 'kafkajs'

/**
 * Creates what does not exist yet. With `validateOnly` nothing is created and success means that the broker could:
 * it has joined, and its controller leads.
 */
export async function createKafkaTopics(
  brokers: readonly string[],
  topics: readonly TopicDefinition[],
  o: { validateOnly?: boolean; retries?: number } = {},
): Promise<void> {
  const admin = new Kafka({
    brokers: [...brokers],
    clientId: 'whatsapp-sender-sandbox',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    retry: { retries: o.retries ?? 5, initialRetryTime: 100 },
  }).admin()
  try {
    await admin.connect()
    await admin.createTopics({
      validateOnly: o.validateOnly ?? false,
      waitForLeaders: !(o.validateOnly ?? false),
      topics: topics.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: 1,
        configEntries: Object.entries(topic.config).map(([name, value]) => ({ name, value })),
      })),
    })
  } finally {
    await admin.disconnect()
  }
}

/** One attempt, no waiting. */
export async function canCreateTopics(broker: string): Promise<boolean> {
  try {
    await createKafkaTopics([broker], [{ name: 'ready-probe', partitions: 1, config: {} }], {
      validateOnly: true,
      retries: 0,
    })
    return true
  } catch {
    return false
  }
}
