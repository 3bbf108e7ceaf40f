import { setTimeout as wait } from 'node:timers/promises'
import { DEFAULT_EVOLUTION_SERVER } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Part } from '@whatsapp-sender/service-runtime'
import type { InstanceDirectory, LaneRow, OrderKey, Outcome, Store, SuppressionBook } from '@whatsapp-sender/store'
import type { ConsumerConfig } from './config.ts'
import { createDelivery } from './delivery/create-delivery.ts'
import type { StoreHealth } from './delivery/store-health.ts'
import type { Clock } from './dispatch/clock.ts'
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher.ts'
import type { Gates } from './dispatch/gates.ts'
import { earlierKey } from './dispatch/order-key.ts'
import { createPaces } from './dispatch/paces.ts'
import type { ConsumerEvents } from './events.ts'
import type { IngestWriter } from './ingest/ingest-writer.ts'
import type { Holders } from './leases/holders.ts'
import type { MessageTraces } from './message-traces.ts'

/** What paces hand over is worth no longer wait: without it the next owner sends less for a while. */
const PACES_HANDED_OVER_MAX_MS = 500
const PACES_WRITTEN_MAX_MS = 5000

/** What sending asks of the membership in the consumer group. */
export type Membership = Readonly<{
  mayBegin(): boolean
  begun(): void
  owns(instance: string): boolean
  partitionOf(instance: string): number
  isLoaded(instance: string): boolean
}>

/** Pace, dispatch and delivery: all that happens between the ledger and Evolution API. */
export function createSending({
  ingest,
  openingFrom,
  readPast,
  ...shared
}: Readonly<{
  config: ConsumerConfig
  store: Store
  evolution: Pick<EvolutionServers, 'send' | 'whatsappNumbers'>
  directory: InstanceDirectory
  suppressions: SuppressionBook
  gates: Gates
  holders: Holders
  clock: Clock
  health: StoreHealth
  events: ConsumerEvents
  traces: MessageTraces | undefined
  /** Name of this process in claims. */
  by: string
  writer: Pick<IngestWriter, 'insertingFrom'>
  ingest(): Membership
  /** The first row of an instance that the sweep is about to open. */
  openingFrom(instance: string): OrderKey | undefined
  readPast(instant: Date): Promise<boolean>
  countUsage(row: LaneRow, outcome: Pick<Outcome, 'status'>): void
}>) {
  const { config, store, directory, gates, clock, health, events, writer } = shared
  const stopping = new AbortController()
  const owns = (instance: string): boolean => ingest().owns(instance)

  const paces = createPaces({
    accounts: store.paceAccounts,
    contacts: store.contacts,
    directory,
    paceDefault: config.paceDefault,
    clock,
    requestCheck: store.instances.requestCheck,
    onChange: (instance) => dispatcher.look(instance),
    onError: events.failed,
  })
  const delivery = createDelivery({
    ...shared,
    paces,
    stopping: stopping.signal,
    mayBegin: (instance) => ingest().mayBegin() && owns(instance),
    owns,
    isHeld: (messageId) => dispatcher.isHeld(messageId),
    dueSince: (messageId) => dispatcher.dueSince(messageId),
    readPast,
    onBegin: () => ingest().begun(),
  })
  const dispatcher: Dispatcher = createDispatcher({
    ledger: store.ledger,
    clock,
    serverOf: (instance) => directory.get(instance)?.evolutionServer ?? DEFAULT_EVOLUTION_SERVER,
    maxInFlight: config.maxInFlight,
    instanceInFlight: config.instanceInFlight,
    deliver: delivery.deliver,
    settle: delivery.settle,
    isStopping: () => stopping.signal.aborted,
    isOpen: () => ingest().mayBegin() && health.isWritable(),
    owns,
    mayDispatch: (instance) => directory.get(instance)?.paused !== true && gates.isOpen(instance),
    paces,
    insertingFrom: (instance) =>
      earlierKey(writer.insertingFrom(ingest().partitionOf(instance)), openingFrom(instance)),
    isPartitionLoaded: (instance) => ingest().isLoaded(instance),
    onError: events.failed,
  })
  directory.onChange((instance) => {
    paces.check(instance)
    dispatcher.look(instance.name)
  })

  /** What is in flight ends and is written down; what only waits to be known is left to the next owner. */
  const drain: Part = {
    name: 'sends in flight',
    stop: async () => {
      dispatcher.dropAll()
      stopping.abort()
      await within(config.drainTimeoutMs, dispatcher.idle())
      await delivery.outcomesWritten()
      await within(PACES_WRITTEN_MAX_MS, paces.written())
    },
  }
  /** Before the instances are handed over, so that their next owners find it; nothing begins after it. */
  const handOverPaces: Part = { name: 'paces', stop: () => within(PACES_HANDED_OVER_MAX_MS, paces.stop()) }
  return { dispatcher, drain, handOverPaces }
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  await Promise.race([work, wait(timeoutMs, undefined, { ref: false })])
}
