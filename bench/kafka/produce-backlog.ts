import {
  bodyHashOf,
  encodeMessageRecord,
  HEADER,
  type MessageRecord,
  newMessageId,
  partitionOf,
  RECORD_VERSION,
} from '@whatsapp-sender/contract'
import type { Kafka } from 'kafkajs'
import type { Plan, PlannedMessage } from '../deliver/plan.ts'
import { endOffsets } from './topic-client.ts'

const BATCH = 500

/** Puts accepted messages into the topic, as the API does, in the plan's order. */
export async function produceBacklog(kafka: Kafka, topic: string, plan: Plan): Promise<void> {
  const producer = await openProducer(kafka, topic)
  await producer.send(plan)
  await producer.close()
}

export async function openProducer(kafka: Kafka, topic: string) {
  const partitions = (await endOffsets(kafka, topic)).size
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await producer.connect()
  return {
    /** Returns when the broker has acknowledged all of them. */
    send: async (plan: Plan): Promise<void> => {
      for (let at = 0; at < plan.length; at += BATCH) {
        const messages = plan.slice(at, at + BATCH).map((message) => {
          const record = recordOf(message)
          return {
            key: record.instance,
            value: encodeMessageRecord(record),
            partition: partitionOf(record.instance, partitions),
            headers: { [HEADER.messageId]: record.id },
          }
        })
        await producer.send({ topic, acks: -1, messages })
      }
    },
    close: () => producer.disconnect(),
  }
}

export function recordOf({ instance, to, text, priority = 'normal' }: PlannedMessage): MessageRecord {
  const requested = {
    instance: instance.name,
    to,
    type: 'text',
    content: { text },
    onAmbiguous: 'resend',
    priority,
  } as const
  return {
    v: RECORD_VERSION,
    id: newMessageId(),
    user: instance.owner,
    instanceId: instance.id,
    ...requested,
    bodyHash: bodyHashOf(requested),
    acceptedAt: new Date().toISOString(),
  }
}
