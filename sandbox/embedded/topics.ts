import { kafkaNames, topicDefinitions } from '@whatsapp-sender/contract'
import type { KafkaConfig } from '@whatsapp-sender/service-runtime/kafka'
import { createKafkaTopics } from './kafka/kafka-admin.ts'

/** Creates the project's topics under `prefix`; what exists stays as it is. */
export function createTopics(brokers: readonly string[], prefix = '', partitions?: number): Promise<void> {
  return createProjectTopics({ brokers, prefix }, partitions)
}

/** The same on a broker that asks for TLS or a password. */
export function createProjectTopics(config: KafkaConfig, partitions?: number): Promise<void> {
  const topics = topicDefinitions(kafkaNames(config.prefix), partitions)
  return createKafkaTopics(config, topics, { validateOnly: false, retries: 5 })
}
