import {
  bodyHashOf,
  encodeMessageRecord,
  kafkaNames,
  type MessageRecord,
  newMessageId,
  partitionOf,
} from '@whatsapp-sender/contract'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import { Partitioners } from 'kafkajs'
import type { System } from './system.ts'

export type RawRecord = Readonly<{
  key: string | null
  value: string | Buffer | null
  partition?: number
  headers?: Readonly<Record<string, string>>
}>
export type Place = Readonly<{ partition: number; offset: string }>

/** The topic of messages, written to past the API. */
export type Topic = Awaited<ReturnType<typeof openTopic>>

export async function openTopic({ brokers, prefix }: System) {
  const config = { brokers: [...brokers], prefix }
  const kafka = createKafka({ config, clientId: 'test', logger: createLogger({ service: 'test', level: 'silent' }) })
  const names = kafkaNames(prefix)
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const admin = kafka.admin()
  await Promise.all([producer.connect(), admin.connect()])
  const partitions = (await admin.fetchTopicMetadata({ topics: [names.messages] })).topics[0]?.partitions.length ?? 0

  const publish = async (records: readonly RawRecord[], topic = names.messages): Promise<Place[]> => {
    const written: Place[] = []
    for (const { key, value, partition, headers = {} } of records) {
      const messages = [{ key, value, headers: { ...headers }, ...(partition !== undefined && { partition }) }]
      const [place] = await producer.send({ topic, messages })
      written.push({ partition: place?.partition ?? -1, offset: place?.baseOffset ?? '' })
    }
    return written
  }

  return {
    name: names.messages,
    partitions,
    partitionOf: (instance: string) => partitionOf(instance, partitions),
    publish,
    /** The offset that the consumers have committed on a partition. */
    committed: async (partition: number): Promise<string | undefined> => {
      const [topic] = await admin.fetchOffsets({ groupId: names.messagesGroup, topics: [names.messages] })
      return topic?.partitions.find((each) => each.partition === partition)?.offset
    },
    /** What a broker does when a group was empty for `offsets.retention.minutes`. No consumer may run. */
    forgetOffsets: async (): Promise<void> => {
      await admin.deleteGroups([names.messagesGroup])
    },
    /** Every record is committed. */
    isReadToTheEnd: async (): Promise<boolean> => {
      const [topic] = await admin.fetchOffsets({ groupId: names.messagesGroup, topics: [names.messages] })
      const ends = await admin.fetchTopicOffsets(names.messages)
      return ends.every(
        ({ partition, high }) =>
          high === '0' || topic?.partitions.find((each) => each.partition === partition)?.offset === high,
      )
    },
    close: () => Promise.all([producer.disconnect(), admin.disconnect()]),
  }
}

/** A record as the API writes it. */
export function recordOf(facts: Pick<MessageRecord, 'user' | 'instance' | 'instanceId'> & Partial<MessageRecord>) {
  const body = {
    instance: facts.instance,
    to: '+5511999991000',
    type: 'text',
    content: { text: `text ${newMessageId()}` },
    onAmbiguous: 'resend',
    priority: 'normal',
  } as const
  const record: MessageRecord = {
    ...body,
    v: 1,
    id: newMessageId(),
    bodyHash: bodyHashOf(body),
    acceptedAt: new Date().toISOString(),
    ...facts,
  }
  return { record, raw: { key: record.instance, value: encodeMessageRecord(record) } satisfies RawRecord }
}
