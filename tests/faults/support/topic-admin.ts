import { kafkaNames } from '@whatsapp-sender/contract'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import type { System } from '../../support/system.ts'

const HEARTBEAT_MS = 250

/** What an operator could do to topic `messages` and its consumer group. */
export async function openTopicAdmin({ brokers, prefix }: Pick<System, 'brokers' | 'prefix'>) {
  const logger = createLogger({ service: 'faults', level: 'silent' })
  const kafka = createKafka({ config: { brokers: [...brokers], prefix }, clientId: 'faults', logger })
  const admin = kafka.admin()
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
    dropUpTo: async (partition: number, offset: number) => {
      // kafkajs knows no leader of a topic that it was not asked about before.
      await ends()
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
    },
    /** As one more consumer of the group, which stores nothing and commits nothing. */
    joinAndLeave: async () => {
      const member = kafka.consumer({ groupId, heartbeatInterval: HEARTBEAT_MS, maxWaitTimeInMs: HEARTBEAT_MS })
      const joined = new Promise((resolve) => member.on(member.events.GROUP_JOIN, resolve))
      try {
        await member.connect()
        await member.subscribe({ topic })
        await member.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} })
        await joined
      } finally {
        await member.disconnect()
      }
    },
    remove: (name: string) => admin.deleteTopics({ topics: [name] }),
    close: () => admin.disconnect(),
  }
}
