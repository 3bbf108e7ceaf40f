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
  const ends = async () =>
    (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, offset: Number(high) }))
  const committed = async () => {
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] })
    return (group?.partitions ?? []).map(({ partition, offset }) => ({ partition, offset: Number(offset) }))
  }
  return {
    /** By partition. */
    ends,
    /** By partition; -1 where nothing was committed. */
    committed,
    /** Records that lie in the topic and are not committed. */
    lag: async () => {
      const read = new Map((await committed()).map(({ partition, offset }) => [partition, Math.max(0, offset)]))
      return (await ends()).reduce((sum, { partition, offset }) => sum + offset - (read.get(partition) ?? 0), 0)
    },
    growTo: (count: number) => admin.createPartitions({ topicPartitions: [{ topic, count }] }),
    /** What a cleaner would do after days. */
    dropUpTo: (partition: number, offset: number) =>
      admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] }),
    close: () => admin.disconnect(),
  }
}
