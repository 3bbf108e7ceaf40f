import { randomUUID } from 'node:crypto'
import { kafkaNames } from '@whatsapp-sender/contract'
import {
  createLifecycle,
  createProbeServer,
  createRegistry,
  createTracing,
  createTracingEvents,
  type Logger,
  type Readiness,
  watchPools,
} from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import {
  createInstanceDirectory,
  createSuppressionBook,
  type ExpiredMessage,
  openStore,
  type ProcessFacts,
  type Store,
} from '@whatsapp-sender/store'
import { createBacklog } from './backlog/create-backlog.ts'
import type { ConsumerConfig } from './config.ts'
import { createEvolution } from './create-evolution.ts'
import { createSending } from './create-sending.ts'
import { expiryOf } from './delivery/ended-unsent.ts'
import { createStoreHealth } from './delivery/store-health.ts'
import { createClock } from './dispatch/clock.ts'
import { createInstanceGates } from './dispatch/instance-gates.ts'
import { createSweep } from './dispatch/sweep.ts'
import { type ConsumerEvents, createConsumerEvents } from './events.ts'
import { createIngest } from './ingest/create-ingest.ts'
import { createIngestWriter } from './ingest/ingest-writer.ts'
import { createInsertAndTell } from './ingest/insert-and-tell.ts'
import { createEventsProducer } from './kafka/events-producer.ts'
import { createHeartbeat } from './leases/heartbeat.ts'
import { createHolders } from './leases/holders.ts'
import { createMediaSweep } from './media/sweep-media.ts'
import { createMessageTraces, type MessageTraces } from './message-traces.ts'
import { createNotify } from './notify/create-notify.ts'
import { createWebhookHttp, createWebhooks } from './notify/webhooks/create-webhooks.ts'
import { createReceipts } from './receipts/create-receipts.ts'
import { createReceiptEvents } from './receipts/receipt-events.ts'
import { createRedaction } from './redaction/create-redaction.ts'
import { createUsage } from './usage/create-usage.ts'

/** Settings take effect within two seconds. */
const SETTINGS_READ_EVERY_MS = 1800

/** Who is put on a suppression list is sent nothing from so many milliseconds later on. */
const SUPPRESSIONS_READ_EVERY_MS = 5000

/** Builds the whole consumer once; nothing runs before `start`. */
export async function createService(config: ConsumerConfig, { logger }: Readonly<{ logger: Logger }>) {
  const fatal = Promise.withResolvers<string>()
  const by = randomUUID()
  const clock = createClock()
  const names = kafkaNames(config.kafka.prefix)
  const registry = createRegistry({ service: 'consumer' })
  const kafka = createKafka({ config: config.kafka, clientId: 'whatsapp-sender-consumer', logger, registry })
  const store = await openConsumerStore(config)
  const watched = () => ({ dispatcher, gates, ingest, health, heartbeat, clock, config })
  const events = createConsumerEvents(logger, registry, watched)
  const tracing = await createTracing(config.tracing, createTracingEvents(logger, registry))
  const traces = tracing && createMessageTraces(tracing, clock.storeNow)

  const { evolution, evolutionServers, knowServer } = createEvolution({
    config,
    store,
    onSandboxReceipts: (told) => void receipts.takeSandboxReceipts(told).catch(events.failed),
    onError: events.failed,
  })
  watchPools(registry, { mongodb: store.connections, evolution: evolution.connections })
  const directory = createInstanceDirectory({
    instances: store.instances,
    refreshMs: SETTINGS_READ_EVERY_MS,
    onError: events.failed,
  })
  directory.onChange(({ evolutionServer }) => knowServer(evolutionServer))
  const suppressions = createSuppressionBook({
    suppressions: store.suppressions,
    refreshMs: SUPPRESSIONS_READ_EVERY_MS,
    onError: events.failed,
  })
  const health = createStoreHealth({ onError: events.failed, onRecovered: () => dispatcher.look() })
  const holders = createHolders({ processes: store.processes, clock, onError: events.failed })
  const heartbeat = createHeartbeat({
    processes: store.processes,
    id: by,
    clock,
    facts: () => {
      const told = { due: dispatcher.due(), evolutionDown: gates.serversDown(), partitions: ingest.partitions() }
      return factsOf(config, told, usage.recent())
    },
    onRenewed: events.leaseRenewed,
    onError: events.leaseNotRenewed,
  })
  const gates = createInstanceGates({
    evolution,
    directory,
    instances: store.instances,
    clock,
    onOpen: (instance) => dispatcher.look(instance),
    onServerMoved: () => heartbeat.beatNow(),
    isMine: (instance) => ingest.owns(instance),
    onTold: () => notify.expect(),
    events,
  })
  const receipts = createReceipts({
    config,
    kafka,
    names,
    store,
    evolution,
    directory,
    clock,
    owns: (instance) => ingest.owns(instance),
    isServerDown: gates.isServerDown,
    traces,
    events: createReceiptEvents(logger, registry),
  })
  const usage = createUsage({ store, clock, onError: events.failed })
  const insert = createInsertAndTell(store.ledger, { onInserted: usage.accepted, onFeed: () => notify.expect() })
  const writer = createIngestWriter(
    { insert: traces?.ingesting(insert) ?? insert },
    { clock, onWritten: events.batchWritten },
  )

  const { dispatcher, drain, handOverPaces } = createSending({
    config,
    store,
    evolution,
    directory,
    suppressions,
    gates,
    holders,
    clock,
    health,
    events,
    traces,
    by,
    writer,
    ingest: () => ingest,
    openingFrom: (instance) => sweep.openingFrom(instance),
    readPast: receipts.progress.readPast,
    countUsage: usage.outcome,
  })
  const ingest = createIngest({
    config,
    kafka,
    names,
    store,
    directory,
    dispatcher,
    writer,
    clock,
    events,
    onOwnership: () => gates.forgetForeign(),
    onFatal: fatal.resolve,
  })
  const sweep = createSweep({
    ledger: store.ledger,
    storeNow: clock.storeNow,
    owns: ingest.owns,
    reload: dispatcher.reload,
    isIdle: dispatcher.isIdle,
    onExpired: (row) => tellExpired(row, events, traces),
    onError: events.failed,
  })
  const redaction = createRedaction({ config, store, clock, isActive: ingest.leads, onError: events.failed })
  const telling = { store, clock, isActive: ingest.leads, logger, registry }
  const webhooks = createWebhooks({ ...telling, http: createWebhookHttp(config), by, traces })
  const producer = createEventsProducer(kafka, names.messageEvents)
  const notify = createNotify({ ...telling, producer, onEvents: webhooks.expect })
  const probes = createProbeServer({
    host: config.runtime.host,
    port: config.runtime.metricsPort,
    registry,
    isLive: receipts.consumer.isAlive,
    isStarted: () => lifecycle.isStarted(),
    readiness: () => readinessOf({ ingest, receipts: receipts.consumer, store, directory, lifecycle }),
  })
  const lifecycle = createLifecycle({
    logger,
    stopTimeoutMs: config.drainTimeoutMs + 15_000,
    parts: [
      probes,
      ...(tracing ? [tracing] : []),
      { name: 'store', start: () => prepareStore(store, events), stop: () => store.close() },
      // What is still open now has outlived the drain time: whoever owns the instance next finds out what became of it.
      { name: 'evolution clients', stop: evolution.abandon },
      receipts.progress,
      // Before the instances: what is at a server that is not known yet would be held.
      evolutionServers,
      directory,
      // Not waited for: until it is read, each recipient is looked up.
      { name: suppressions.name, start: async () => void suppressions.start(), stop: suppressions.stop },
      heartbeat,
      holders,
      receipts.consumer,
      { name: 'gates', stop: async () => gates.stop() },
      webhooks,
      notify,
      createMediaSweep(telling),
      createBacklog({ ...telling, directory }),
      redaction,
      usage,
      drain,
      sweep,
      receipts.stuckSweep,
      // Nothing is owned before there is a lease, and a time to judge what is due by.
      { name: 'first heartbeat', start: heartbeat.untilBeaten },
      ingest,
      handOverPaces,
    ],
  })
  return { ...lifecycle, fatal: fatal.promise }
}

function openConsumerStore({ mongo, secretKeys, retentionDays, stuckAfterMs }: ConsumerConfig): Promise<Store> {
  return openStore({
    ...mongo,
    appName: 'whatsapp-sender-consumer',
    secretKey: secretKeys.newest,
    otherSecretKeys: secretKeys.others,
    retentionDays,
    stuckAfterMs,
  })
}

function tellExpired(
  { mayHaveLeft, ...row }: Omit<ExpiredMessage, 'expiresAt'>,
  events: ConsumerEvents,
  traces: MessageTraces | undefined,
): void {
  const end = expiryOf(mayHaveLeft)
  events.ended(row, end)
  traces?.endedUnsent(row, end)
}

/** What is told with each heartbeat. */
function factsOf(
  { maxInFlight: inFlightLimit }: ConsumerConfig,
  told: Pick<ProcessFacts, 'due' | 'evolutionDown' | 'partitions'>,
  recent: ProcessFacts['recent'],
): ProcessFacts {
  return { ...told, inFlightLimit, ...(recent && { recent }) }
}

function readinessOf(of: {
  ingest: Readonly<{ isReady(): boolean }>
  receipts: Readonly<{ isReady(): boolean }>
  store: Readonly<{ isReachable(): boolean }>
  directory: Readonly<{ isLoaded(): boolean }>
  lifecycle: Readonly<{ isStopping(): boolean }>
}): Readiness {
  const checks = {
    kafka: of.ingest.isReady() ? 'ok' : 'not in its consumer group',
    receipts: of.receipts.isReady() ? 'ok' : 'not in its consumer group',
    mongodb: of.store.isReachable() ? 'ok' : 'not reachable',
    instances: of.directory.isLoaded() ? 'ok' : 'not read yet',
    stopping: of.lifecycle.isStopping() ? 'stopping' : 'ok',
  }
  return { ready: Object.values(checks).every((check) => check === 'ok'), checks }
}

/** Indexes are made in the background: a database that is away must not keep the probes from answering. */
async function prepareStore(
  store: Readonly<{ ensureIndexes(): Promise<void> }>,
  events: Readonly<{ failed(error: unknown): void }>,
): Promise<void> {
  const retry = (): void => {
    store.ensureIndexes().catch((error: unknown) => {
      events.failed(error)
      setTimeout(retry, 5000).unref()
    })
  }
  retry()
}
