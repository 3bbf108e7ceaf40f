import { decodeMessageRecord, kafkaNames } from '@whatsapp-sender/contract'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import type { System } from '../support/system.ts'
import type { CommittedOffset, RunLogs, TopicRecord } from './history.ts'

/** An eye on topic `messages`: what is in it, and how far the consumers have committed. */
export type TopicWatch = Readonly<{
  ends(): Promise<RunLogs['ends']>
  committed(): Promise<CommittedOffset[]>
  /** Everything from the beginning up to these ends. */
  records(ends: RunLogs['ends']): Promise<TopicRecord[]>
  close(): Promise<void>
}>

export function watchTopic({ brokers, prefix }: Pick<System, 'brokers' | 'prefix'>): TopicWatch {
  const logger = createLogger({ service: 'faults', level: 'silent' })
  const kafka = createKafka({ config: { brokers: [...brokers], prefix }, clientId: 'faults', logger })
  const names = kafkaNames(prefix)
  const admin = kafka.admin({ retry: { retries: 1 } })
  const connected = admin.connect()

  return {
    ends: async () => {
      await connected
      const ends = await admin.fetchTopicOffsets(names.messages)
      return ends.map(({ partition, high }) => ({ partition, offset: Number(high) }))
    },
    committed: async () => {
      await connected
      const [topic] = await admin.fetchOffsets({ groupId: names.messagesGroup, topics: [names.messages] })
      // A frozen broker answers late, with what holds then.
      const at = Date.now()
      return (topic?.partitions ?? []).flatMap(({ partition, offset }) =>
        Number(offset) < 0 ? [] : [{ at, partition, offset: Number(offset) }],
      )
    },
    records: async (ends) => {
      // Records that retention has dropped are not there to be read.
      const lows = new Map(
        (await admin.fetchTopicOffsets(names.messages)).map(({ partition, low }) => [partition, low]),
      )
      const wanted = ends.reduce((sum, { partition, offset }) => sum + offset - Number(lows.get(partition) ?? 0), 0)
      const records: TopicRecord[] = []
      if (wanted === 0) return records
      // A reader that ends waits for its open fetch.
      const reader = kafka.consumer({ groupId: `${prefix}faults-reader`, maxWaitTimeInMs: 100 })
      await reader.connect()
      try {
        await reader.subscribe({ topic: names.messages, fromBeginning: true })
        await reader.run({
          autoCommit: false,
          eachMessage: async ({ partition, message: { key, value, offset } }) => {
            const decoded = decodeMessageRecord(value, key)
            records.push({
              partition,
              offset: Number(offset),
              id: decoded.kind === 'record' ? decoded.record.id : undefined,
            })
          },
        })
        await until('the topic is read', () => (records.length >= wanted ? true : undefined))
      } finally {
        await reader.disconnect()
      }
      return records
    },
    close: async () => {
      await connected.catch(() => undefined)
      await admin.disconnect()
    },
  }
}
