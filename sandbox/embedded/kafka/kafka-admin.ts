import type { TopicDefinition } from '@whatsapp-sender/contract'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka, type KafkaConfig } from '@whatsapp-sender/service-runtime/kafka'
import { until } from '../../process/until.ts'

const silent = createLogger({ service: 'sandbox', level: 'silent' })

/**
 * Creates what does not exist yet, with as many replicas as the broker gives by default. With `validateOnly` nothing
 * is created and success means that the broker could: it has joined, and its controller leads.
 */
export async function createKafkaTopics(
  config: KafkaConfig,
  topics: readonly TopicDefinition[],
  o: { validateOnly: boolean; retries: number },
): Promise<void> {
  const kafka = createKafka({ config, clientId: 'whatsapp-sender-sandbox', logger: silent })
  const admin = kafka.admin({ retry: { retries: o.retries, initialRetryTime: 100 } })
  try {
    await admin.connect()
    await admin.createTopics({
      validateOnly: o.validateOnly,
      // Asked for a topic that it was told of a moment ago, a busy broker may not know it yet, and kafkajs gives up.
      waitForLeaders: false,
      topics: topics.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        configEntries: Object.entries(topic.config).map(([name, value]) => ({ name, value })),
      })),
    })
    if (!o.validateOnly) await until('the topics have leaders', () => haveLeaders(admin, topics))
  } finally {
    await admin.disconnect()
  }
}

async function haveLeaders(
  admin: ReturnType<ReturnType<typeof createKafka>['admin']>,
  topics: readonly TopicDefinition[],
): Promise<true | undefined> {
  try {
    const found = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) })
    return found.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0)) ? true : undefined
  } catch (error) {
    if (error instanceof Error && 'type' in error && NOT_THERE_YET.has(error.type)) return undefined
    throw error
  }
}

const NOT_THERE_YET: ReadonlySet<unknown> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])

/** One attempt, no waiting. False also when another cluster answers at the address. */
export async function canCreateTopics(broker: string, clusterId: string): Promise<boolean> {
  const probe = { name: 'ready-probe', partitions: 1, config: {} }
  try {
    if ((await clusterIdOf(broker)) !== clusterId) return false
    await createKafkaTopics({ brokers: [broker], prefix: '' }, [probe], { validateOnly: true, retries: 0 })
    return true
  } catch {
    return false
  }
}

async function clusterIdOf(broker: string): Promise<string> {
  const kafka = createKafka({
    config: { brokers: [broker], prefix: '' },
    clientId: 'whatsapp-sender-sandbox',
    logger: silent,
  })
  const admin = kafka.admin({ retry: { retries: 0 } })
  try {
    await admin.connect()
    return (await admin.describeCluster()).clusterId
  } finally {
    await admin.disconnect()
  }
}
