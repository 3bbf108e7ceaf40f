import { randomUUID } from 'node:crypto'
import { HEADER } from '@whatsapp-sender/contract'
import type { Kafka } from 'kafkajs'
import { endOffsets } from './topic-client.ts'

/** Reads a whole topic and returns how many records it has and which of these message ids none of them carries. */
export async function findRecords(
  kafka: Kafka,
  topic: string,
  ids: readonly string[],
): Promise<Readonly<{ records: number; missing: number; repeated: number }>> {
  const missing = new Set(ids)
  const repeated = ids.length - missing.size
  const ends = new Map([...(await endOffsets(kafka, topic))].filter(([, end]) => end > 0n))
  const records = Number([...ends.values()].reduce((sum, end) => sum + end, 0n))
  if (records === 0) return { records, missing: missing.size, repeated }
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, allowAutoTopicCreation: false })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const allRead = Promise.withResolvers<void>()
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { headers } of batch.messages) missing.delete(String(headers?.[HEADER.messageId]))
      const end = ends.get(batch.partition)
      if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) ends.delete(batch.partition)
      if (ends.size === 0) allRead.resolve()
    },
  })
  await allRead.promise
  await consumer.disconnect()
  return { records, missing: missing.size, repeated }
}
