import { setTimeout as wait } from 'node:timers/promises'
import type { Instance } from '@whatsapp-sender/store'
import type { Kafka } from 'kafkajs'
import { type PlannedMessage, planForEach } from '../deliver/plan.ts'
import { openProducer } from '../kafka/produce-backlog.ts'

const EVERY_MS = 100

export type SteadyLoad = Readonly<{
  /** Everything that was accepted so far. */
  plan: readonly PlannedMessage[]
  stop(): Promise<void>
}>

/** So many messages a second into the topic, instance after instance, each to another recipient, until it is stopped. */
export function startSteadyLoad(
  kafka: Kafka,
  topic: string,
  { fleet, perSecond, name }: Readonly<{ fleet: readonly Instance[]; perSecond: number; name: string }>,
): SteadyLoad {
  const plan: PlannedMessage[] = []
  const messages = planForEach(fleet, Number.MAX_SAFE_INTEGER, name)
  let stopped = false
  const run = async (): Promise<void> => {
    const producer = await openProducer(kafka, topic)
    const startedAt = performance.now()
    while (!stopped) {
      const wanted = Math.floor(((performance.now() - startedAt) * perSecond) / 1000) - plan.length
      const next: PlannedMessage[] = []
      while (next.length < wanted) {
        const step = messages.next()
        if (step.done === true) return
        next.push(step.value)
      }
      await producer.send(next)
      plan.push(...next)
      await wait(EVERY_MS)
    }
    await producer.close()
  }
  const running = run()
  return {
    plan,
    stop: async () => {
      stopped = true
      await running
    },
  }
}
