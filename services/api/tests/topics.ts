import { decodeEvolutionEvent, decodeMessageRecord, kafkaNames, type MessageRecord } from '@whatsapp-sender/contract'
import { Kafka, logLevel } from 'kafkajs'
import { until } from './until.ts'

/** What is in the topics, read from the beginning. */
export async function openTopics(brokers: readonly string[], prefix: string) {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'test', logLevel: logLevel.ERROR })
  const names = kafkaNames(prefix)
  const admin = kafka.admin()
  await admin.connect()
  const count = async (topic: string) => {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.reduce((sum, { high }) => sum + Number(high), 0)
  }

  async function read(topic: string): Promise<{ key: Buffer | null; value: Buffer | null; partition: number }[]> {
    const total = await count(topic)
    const records: { key: Buffer | null; value: Buffer | null; partition: number }[] = []
    const consumer = kafka.consumer({ groupId: `${prefix}reader-${crypto.randomUUID()}`, maxWaitTimeInMs: 50 })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        records.push({ partition, key: message.key, value: message.value })
      },
    })
    await until(`${total} records of ${topic}`, () => records.length >= total)
    await consumer.disconnect()
    return records
  }

  return {
    countMessages: () => count(names.messages),
    countEvents: () => count(names.evolutionEvents),
    messages: async (): Promise<MessageRecord[]> => {
      const records = await read(names.messages)
      return records.map(({ key, value }) => {
        const decoded = decodeMessageRecord(value, key)
        if (decoded.kind !== 'record') throw new Error(`the API wrote what cannot be decoded: ${decoded.kind}`)
        return decoded.record
      })
    },
    partitions: async () => (await read(names.messages)).map(({ key, partition }) => ({ key: String(key), partition })),
    events: async () => {
      const records = await read(names.evolutionEvents)
      return records.map(({ value }) => ({ raw: String(value), decoded: decodeEvolutionEvent(value) }))
    },
    close: () => admin.disconnect(),
  }
}
