import { type KafkaNames, kafkaNames } from '@whatsapp-sender/contract'
import {
  createLifecycle,
  createLogger,
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
  openStore,
  type Store,
  type StoreOptions,
} from '@whatsapp-sender/store'
import manifest from '../package.json' with { type: 'json' }
import { createAccess } from './access.ts'
import { createReadScaling } from './administration/read-scaling.ts'
import { createAuditBulk } from './bulk-operations/audit-bulk.ts'
import { createBulkStep } from './bulk-operations/bulk-step.ts'
import { createCampaignFeeding } from './campaign-feeding.ts'
import { createCampaignKeeper } from './campaigns/keep-campaigns.ts'
import { createOpenUploads, type UploadLimits } from './campaigns/open-uploads.ts'
import type { Config } from './config.ts'
import { createEvolution } from './create-evolution.ts'
import { createDatabaseSetup } from './database-setup.ts'
import { createEvents, type Topic } from './events.ts'
import { createApp } from './http/app.ts'
import { createAudit, createWriteAudit } from './http/audit.ts'
import { createHttpServer } from './http/http-server.ts'
import { createLineStreams } from './http/line-streams.ts'
import { createOnce } from './http/once.ts'
import { createOpenStreams } from './http/open-streams.ts'
import { problemMiddleware } from './http/problem.ts'
import { createRequestIds } from './http/request-id.ts'
import { requestLog } from './http/request-log.ts'
import { createTransfers } from './http/transfers.ts'
import { createRefuseUnreadable } from './http/unreadable-request.ts'
import { createGroupCommitProducer, type GroupCommitLimits } from './kafka/group-commit-producer.ts'
import { readGroupLags } from './kafka/group-lag.ts'
import { createKafkaConnection } from './kafka/kafka-connection.ts'
import { createSmtpMailer } from './mail/smtp-mailer.ts'
import { createMessageTraces } from './message-traces.ts'
import type { Limits, StreamLimits } from './parts.ts'
import { createRoutes } from './routes.ts'
import { createStepWorker } from './step-worker.ts'
import { ensureFirstAdmin } from './users/first-admin.ts'
import { createPasswordPolicy } from './users/password-policy.ts'
import { createPasswords } from './users/passwords.ts'
import { createTellOwners } from './webhooks/tell-owners.ts'

export type Service = Readonly<{
  start(): Promise<void>
  stop(): Promise<void>
  /** Ports that are listened on, after `start`. */
  address(): { port: number; metricsPort: number }
}>

/** Seams for tests. */
export type Overrides = Readonly<{
  logger?: Logger
  limits?: Partial<Limits>
  produce?: GroupCommitLimits
  keyUsesEveryMs?: number
  /** Of new hashes; default what production takes. */
  passwordCost?: number | undefined
  streams?: Partial<StreamLimits>
  uploads?: Partial<UploadLimits>
  requestTimeoutMs?: number
}>

const LIMITS: Limits = {
  signUpsPerAddress: 60,
  loginsPerAddress: 200,
  loginsPerAccountAndAddress: 20,
  loginsPerAccount: 400,
  passwordChangesPerUser: 10,
  passwordResetsPerAddress: 20,
}

/** A stream that stalls holds 64 KB and a page of events at most. */
const STREAM_LIMITS: StreamLimits = { perUserMax: 20, allMax: 1000, heartbeatMs: 15_000, stallMs: 10_000 }

/** Each holds a chunk of half a megabyte, and what the connection holds. */
const UPLOAD_LIMITS: UploadLimits = { perUserMax: 1, allMax: 4, stallMs: 30_000 }

/** Of the answers that are under way when no more requests are taken, and of all that is closed after them. */
const STOP_TIMEOUT_MS = 30_000

const SUPPRESSIONS_READ_EVERY_MS = 2000

const VERSION = manifest.version

/** Builds every object once. Connects to nothing but MongoDB, and does not fail when that is down. */
export async function createService(config: Config, overrides: Overrides = {}): Promise<Service> {
  const logger = overrides.logger ?? createApiLogger(config)
  const registry = createRegistry({ service: 'api' })
  const events = createEvents({ logger, registry })
  const names = kafkaNames(config.kafka.prefix)
  const tracing = await createTracing(config.tracing, createTracingEvents(logger, registry))
  const traces = tracing && createMessageTraces(tracing, { topic: names.messages })
  const store = await openApiStore(config, { cancelled: events.messagesCancelled, tracedCancelled: traces?.cancelled })
  const directory = createInstanceDirectory({ instances: store.instances, onError: events.directoryStale })
  const suppressions = createSuppressionBook({
    suppressions: store.suppressions,
    refreshMs: SUPPRESSIONS_READ_EVERY_MS,
    onError: events.suppressionsStale,
  })
  const { evolution, evolutionServers } = createEvolution({ config, store, onError: events.directoryStale })
  watchPools(registry, { mongodb: store.connections, evolution: evolution.connections })
  const passwords = createPasswords({ cost: overrides.passwordCost })
  const mailer =
    config.mail && (await createSmtpMailer({ ...config.mail, onSent: events.mailSent, onFailed: events.mailNotSent }))
  const access = createAccess({ config, store, events, keyUsesEveryMs: overrides.keyUsesEveryMs })
  const judgePassword = createPasswordPolicy({ lengthMin: config.auth.passwordLengthMin })

  const kafka = createKafka({ config: config.kafka, clientId: 'whatsapp-sender-api', logger, registry })
  const producerOf = (topic: Topic, name: string, traced?: typeof traces) =>
    createGroupCommitProducer({
      name: `producer of ${topic}`,
      createConnection: () => createKafkaConnection(kafka, name, traced),
      ...(overrides.produce && { limits: overrides.produce }),
      onBatch: (batch) => events.batchProduced(topic, batch),
      onConnectionLost: (err) => events.producerLost(topic, err),
    })
  const messages = producerOf('messages', names.messages, traces)
  const transfers = createTransfers()
  const lineStreams = createLineStreams()
  const writeAudit = createWriteAudit({
    insert: store.audit.insert,
    onAct: events.acted,
    onNotWritten: events.auditNotWritten,
  })
  const erasureWorker = createStepWorker({
    name: 'erasures',
    orders: store.personErasures,
    step: async (erasure) => {
      const { change, wait } = await store.persons.eraseStep(erasure)
      return { change, wait, isDone: change.stage === 'done' }
    },
    onFailed: events.erasureFailed,
  })
  const bulkWorker = createStepWorker({
    name: 'bulk operations',
    orders: store.bulkOperations,
    step: createBulkStep({
      ledger: store.ledger,
      findUser: access.knownUsers.byId,
      auditBulk: createAuditBulk(writeAudit),
      onFailed: events.bulkStepFailed,
    }),
    onFailed: events.bulkStepFailed,
  })
  const evolutionEvents = producerOf('evolution-events', names.evolutionEvents)

  const streamLimits = { ...STREAM_LIMITS, ...overrides.streams }
  const streams = createOpenStreams({ ...streamLimits, onCount: events.streamsCounted })
  const uploads = createOpenUploads({ ...UPLOAD_LIMITS, ...overrides.uploads })
  const nextId = createRequestIds()
  const { pagesUrl } = config.errors
  const app = createApp({
    routes: createRoutes({
      config,
      version: VERSION,
      limits: { ...LIMITS, ...overrides.limits },
      events,
      store,
      directory,
      suppressions,
      evolution,
      evolutionServers,
      access,
      audit: createAudit(writeAudit),
      once: createOnce({ answers: store.idempotentAnswers, onNotKept: events.answerNotKept }),
      passwords,
      mailer,
      judgePassword,
      messages,
      traces,
      evolutionEvents,
      streams,
      streamLimits,
      transfers,
      lineStreams,
      readGroupLags: () => readGroupLags(kafka, groupsOf(names)),
      erasureWorker,
      bulkWorker,
      uploads,
    }),
    log: requestLog({ nextId, onFinished: events.requestFinished }),
    onProblem: problemMiddleware({ pagesUrl, onProblem: events.problemAnswered, onFailure: events.requestFailed }),
    trustProxy: config.http.trustProxy,
    corsOrigins: config.http.corsOrigins,
  })
  const refuseUnreadable = createRefuseUnreadable({
    nextId,
    pagesUrl,
    mayTakeLonger: (socket) => transfers.has(socket) || uploads.isOn(socket),
    onRefused: events.requestUnreadable,
  })
  const server = createHttpServer({
    ...config.http,
    app,
    refuseUnreadable,
    requestTimeoutMs: overrides.requestTimeoutMs,
  })

  const databaseSetup = createDatabaseSetup({
    setUp: async () => {
      await store.ensureIndexes()
      const { admin: account } = config.auth
      if (account === undefined) return
      events.firstAdminEnsured(await ensureFirstAdmin({ account, judgePassword, passwords, users: store.users }))
    },
    onWaiting: events.databaseAwaited,
  })
  const probes = createProbeServer({
    host: config.runtime.host,
    port: config.runtime.metricsPort,
    registry,
    readiness: () => readinessOf(messages),
    isStarted: () => lifecycle.isStarted(),
    isStopping: () => lifecycle.isStopping(),
    reports: { '/scaling': createReadScaling({ listProcesses: store.processes.living }) },
  })
  const lifecycle = createLifecycle({
    logger,
    stopTimeoutMs: config.http.stopDelayMs + STOP_TIMEOUT_MS,
    parts: [
      probes,
      ...(tracing ? [tracing] : []),
      { name: 'store', stop: store.close },
      { name: 'evolution clients', stop: evolution.close },
      passwords,
      ...(mailer ? [mailer, tellOwnersOf(store, { post: mailer.post, onFailed: events.ownersNotTold })] : []),
      access.keyUses,
      erasureWorker,
      bulkWorker,
      messages,
      evolutionEvents,
      directory,
      // Not waited for: messages are accepted without them.
      { name: evolutionServers.name, start: async () => void evolutionServers.start(), stop: evolutionServers.stop },
      { name: suppressions.name, start: async () => void suppressions.start(), stop: suppressions.stop },
      databaseSetup,
      createCampaignFeeding({ config, store, directory, suppressions, access, messages, traces, events }),
      createCampaignKeeper({ ...store, retentionDays: config.mongo.retentionDays, onFailed: events.campaignsNotKept }),
      server,
      // Stopped before the server, which waits for the answers that are under way.
      streams,
      transfers,
      lineStreams,
      uploads,
    ],
  })
  return {
    start: lifecycle.start,
    stop: lifecycle.stop,
    address: () => ({ port: server.address().port, metricsPort: probes.address().port }),
  }
}

function openApiStore({ mongo }: Config, cancelWatch: StoreOptions['cancelWatch']): Promise<Store> {
  return openStore({ ...mongo, appName: 'whatsapp-sender-api', cancelWatch })
}

/** Nothing else: messages are accepted without MongoDB. */
function readinessOf(messages: Readonly<{ isConnected(): boolean }>): Readiness {
  const ready = messages.isConnected()
  return { ready, checks: { kafka: ready ? 'ok' : 'producer not connected' } }
}

function tellOwnersOf(
  store: Store,
  mail: Pick<Parameters<typeof createTellOwners>[0], 'post' | 'onFailed'>,
): ReturnType<typeof createTellOwners> {
  return createTellOwners({ endpoints: store.webhookEndpoints, findUser: store.users.findById, ...mail })
}

/** Who reads what. */
function groupsOf(names: KafkaNames) {
  return [
    { group: names.messagesGroup, topic: names.messages },
    { group: names.receiptsGroup, topic: names.evolutionEvents },
  ]
}

export function createApiLogger({ runtime, secretKeys }: Config): Logger {
  return createLogger({
    service: 'api',
    level: runtime.logLevel,
    logDir: runtime.logDir,
    logFile: 'logs_whatsappsenderserver.log',
    secretKey: secretKeys.newest,
  })
}
