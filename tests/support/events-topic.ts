import { decodeFeedEvent, type InstanceEvent, kafkaNames, type MessageEvent } from '@whatsapp-sender/contract'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import type { System } from './system.ts'

/** Topic `messages.events` as one of its readers sees it. */
export type EventsTopic = Awaited<ReturnType<typeof followEvents>>

export async function followEvents({ brokers, prefix }: System) {
  const config = { brokers: [...brokers], prefix }
  const kafka = createKafka({ config, clientId: 'reader', logger: createLogger({ service: 'test', level: 'silent' }) })
  // A reader that ends waits for its open fetch.
  const consumer = kafka.consumer({ groupId: `${prefix}reader`, maxWaitTimeInMs: 100 })
  const ofInstances: InstanceEvent[] = []
  const seen: { event: MessageEvent; key: string | undefined; partition: number }[] = []
  await consumer.connect()
  await consumer.subscribe({ topics: [kafkaNames(prefix).messageEvents], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message, partition }) => {
      const decoded = decodeFeedEvent(message.value)
      if (decoded.kind !== 'record') throw new Error(`an event is ${decoded.kind}`)
      const event = decoded.record
      if ('message' in event) seen.push({ event, key: message.key?.toString(), partition })
      else ofInstances.push(event)
    },
  })
  const of = (id: string) => seen.flatMap(({ event }) => (event.message.id === id ? [event] : []))
  return {
    /** What is told of messages. */
    all: () => seen,
    ofInstance: (name: string) => ofInstances.filter(({ instance }) => instance === name),
    /** Of one message, those that came again included. */
    of,
    /** Follows a message until such an event is there. */
    follow: (id: string, type: MessageEvent['type'], timeoutMs = 60_000) =>
      until(
        `${type} of ${id}`,
        async () => {
          const events = of(id)
          return events.some((event) => event.type === type) ? events : undefined
        },
        { timeoutMs, everyMs: 50 },
      ),
    close: () => consumer.disconnect(),
  }
}
