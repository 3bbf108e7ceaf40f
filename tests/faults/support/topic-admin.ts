import { kafkaNames } from '@whatsapp-sender/contract'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import type { System } from '../../support/system.ts'

/** What an operator could do to topic `messages` and its consumer group. */
export async function openTopicAdmin({ brokers, prefix }: Pick<System, 'brokers' | 'prefix'>) {
  const logger = createLogger({ service: 'faults', level: 'silent' })
  const admin = createKafka({ config: { brokers: [...brokers], prefix }, clientId: 'faults', logger }).admin()
  await admin.connect()
  const { messages: topic, messagesGroup: groupId } = kafkaNames(prefix)
  return {
    /** By partition. */
    ends: async () =>
      (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, offset: Number(high) })),
    /** By partition; -1 where nothing was committed. */
    committed: async () => {
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return (group?.partitions ?? []).map(({ partition, offset }) => ({ partition, offset: Number(offset) }))
    },
    growTo: (count: number) => admin.createPartitions({ topicPartitions: [{ topic, count }] }),
    /** What a cleaner would do after days. */
    dropUpTo: (partition: number, offset: number) =>
      admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] }),
    close: () => admin.disconnect(),
  }
}
