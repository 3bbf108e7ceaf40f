import { kafkaNames, topicDefinitions } from '@whatsapp-sender/contract'
import { createKafkaTopics } from './kafka/kafka-admin.ts'

/** Creates the project's topics on a sandbox broker, under `prefix`; what exists stays as it is. */
export function createTopics(brokers: readonly string[], prefix = '', partitions?: number): Promise<void> {
  return createKafkaTopics(brokers, topicDefinitions(kafkaNames(prefix), partitions))
}
