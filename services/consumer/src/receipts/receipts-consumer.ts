import { setTimeout as wait } from 'node:timers/promises'
import type { KafkaNames } from '@whatsapp-sender/contract'
import type { PendingReceipts, Undecodable } from '@whatsapp-sender/store'
import type { Consumer, ConsumerCrashEvent, Kafka } from 'kafkajs'
import { type BlockedPartitions, watchBlocked } from '../kafka/blocked-partitions.ts'
import { consumerSettings } from '../kafka/consumer-settings.ts'
import { isPassingCrash } from '../kafka/is-passing-crash.ts'
import { createEventsHandler } from './handle-events.ts'
import type { JoinTargets } from './join-events.ts'
import type { ReceiptEvents } from './receipt-events.ts'
import { createPendingRetries } from './retry-pending.ts'

export type ReceiptsConsumer = Readonly<{
  name: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Member of the group, and no partition waits for a newer version of this process. */
  isReady(): boolean
  /** False once the consumer has stopped for good: only a restart helps. */
  isAlive(): boolean
}>

export type ReceiptsConsumerOptions = Readonly<{
  kafka: Pick<Kafka, 'consumer'>
  names: Pick<KafkaNames, 'evolutionEvents' | 'receiptsGroup'>
  ledger: JoinTargets['ledger']
  pendingReceipts: PendingReceipts
  instances: JoinTargets['instances']
  suppressions: JoinTargets['suppressions']
  undecodable: Pick<Undecodable, 'insert'>
  events: ReceiptEvents
  onEvidence: Parameters<typeof createPendingRetries>[0]['onEvidence']
  /** Default 20 000. */
  sessionTimeoutMs?: number
  /** How many partitions are handled at a time; the partition count of the topic. Default 24. */
  partitionsAtOnce?: number
}>

const CONNECT_AGAIN_MS = 2000
const DISCONNECT_MAX_MS = 10_000

/** Reads what Evolution told, in a group of its own: no partition is owned, so any process may bring a receipt to its row. */
export function createReceiptsConsumer(options: ReceiptsConsumerOptions): ReceiptsConsumer {
  const { events, partitionsAtOnce = 24, sessionTimeoutMs = 20_000 } = options
  const topic = options.names.evolutionEvents
  const retries = createPendingRetries(options)
  const stopping = new AbortController()
  let blocked: BlockedPartitions | undefined
  let joined = false
  let alive = true
  let consumer: Consumer | undefined
  let connecting: Promise<void> | undefined

  const watch = (watched: Consumer): void => {
    watched.on(watched.events.GROUP_JOIN, () => {
      joined = true
    })
    watched.on(watched.events.CRASH, ({ payload }: ConsumerCrashEvent) => {
      joined = false
      if (payload.restart || stopping.signal.aborted) return
      if (isPassingCrash(payload.error)) {
        consumer = undefined
        connecting = Promise.resolve(connecting).then(runUntilConnected)
        return
      }
      alive = false
      events.receiptsConsumerCrashed(payload.error)
    })
    const leave = (): void => {
      joined = false
    }
    watched.on(watched.events.STOP, leave)
    watched.on(watched.events.DISCONNECT, leave)
  }

  const store: PendingReceipts['store'] = async (put) => {
    await options.pendingReceipts.store(put)
    if (put.length > 0) retries.wake()
  }

  const run = async (): Promise<void> => {
    const next = options.kafka.consumer(consumerSettings(options.names.receiptsGroup, sessionTimeoutMs))
    watch(next)
    const blocking = watchBlocked(next, topic)
    blocked = blocking
    try {
      await next.connect()
      await next.subscribe({ topics: [topic], fromBeginning: true })
      await next.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitionsAtOnce,
        eachBatch: createEventsHandler({ ...options, pendingReceipts: { store }, block: blocking.block }),
      })
      consumer = next
    } catch (error) {
      await next.disconnect().catch(() => {})
      throw error
    }
  }

  const runUntilConnected = async (): Promise<void> => {
    while (consumer === undefined && !stopping.signal.aborted) {
      try {
        await run()
      } catch (error) {
        events.receiptsDelayed(error)
        await wait(CONNECT_AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  return {
    name: 'receipts consumer',
    /** Does not wait for Kafka: `isReady` tells. */
    start: async () => {
      connecting = runUntilConnected()
      retries.start()
    },
    stop: async () => {
      stopping.abort()
      // A disconnect before `run` has come back would be ignored.
      await connecting
      if (consumer !== undefined)
        await Promise.race([consumer.disconnect(), wait(DISCONNECT_MAX_MS, undefined, { ref: false })])
      await retries.stop()
    },
    isReady: () => joined && alive && blocked?.isAny() !== true,
    isAlive: () => alive,
  }
}
