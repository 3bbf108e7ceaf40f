import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataOf } from '@whatsapp-sender/client'
import type { EmbeddedServer } from '@whatsapp-sender/sandbox/embedded/embedded-server'
import { startMongo } from '@whatsapp-sender/sandbox/embedded/mongo/start-mongo'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { MonitoringSpec } from '../../infra/src/spec/monitoring-spec.ts'
import type { Teardown } from '../cluster/support/teardown.ts'
import { type OperatedSystem, SENDER, startOperatedSystem } from '../kubernetes/support/operated-system.ts'
import { startProgram } from '../support/processes.ts'
import type { System } from '../support/system.ts'
import { type Scraped, type ScrapingPrometheus, startScrapingPrometheus } from './scraping-prometheus.ts'
import { startTlsBroker, type TlsBroker } from './tls-broker.ts'

/** Everything that is scraped in a cluster, as processes of this machine, and the Prometheus that scrapes it. */
export type DemoSystem = Readonly<{
  operated: OperatedSystem
  system: System
  broker: TlsBroker
  /** Its own, which nobody else is kept from. */
  database: EmbeddedServer
  prometheus: ScrapingPrometheus
}>

const CANARY = 'canary'
/** For a Prometheus in a cluster, unless somebody wants it otherwise. */
const SCRAPED_EVERY = MonitoringSpec.parse({}).interval

/** Few slots and short waits, so that minutes show what days do. */
const CONSUMER = {
  MAX_IN_FLIGHT: '3',
  ATTEMPTS_MAX: '2',
  RETRY_BASE_MS: '1000',
  RETRY_CAP_MS: '3000',
  EVOLUTION_TIMEOUT_MS: '8000',
  AMBIGUOUS_SETTLE_MS: '2000',
  STUCK_AFTER_MINUTES: '0.3',
  INSTANCE_METRICS_MAX: '100',
}

export async function startDemoSystem(teardown: Teardown): Promise<DemoSystem> {
  const broker = await startTlsBroker()
  teardown.push(broker.stop)
  process.env['KAFKA_BROKERS'] = broker.address
  const database = await startDatabase(teardown)
  process.env['MONGO_URL'] = database.address
  const operated = await startOperatedSystem({
    gatewayEnv: {
      SANDBOX_AUTO_OPEN: 'true',
      SANDBOX_LATENCY_MS: '400',
      SANDBOX_DELIVERED_AFTER_MS: '200',
      SANDBOX_READ_AFTER_MS: '600',
    },
    system: {
      brokers: broker.address,
      consumers: 2,
      env: {
        KAFKA_BROKERS: broker.tlsAddress,
        KAFKA_SSL_CA: broker.caFile,
        OUTGOING_PRIVATE_NETWORKS: '127.0.0.0/8',
      },
      apiEnv: { ACCESS_TOKEN_TTL_SECONDS: '86400' },
      consumerEnv: CONSUMER,
    },
  })
  teardown.push(operated.stop)
  const { system } = operated
  const canary = await startCanary(system, teardown)
  const scraped = () =>
    [...system.programs(), canary, { ...operated.operator(), name: 'operator', readyUrl: operated.metricsUrl }]
      .filter(({ name }) => name !== 'gateway')
      .map(({ name, readyUrl }): Scraped => {
        const component = name.replace(/-\d+$/, '')
        const job = `${operated.namespace}/${SENDER}-${component}`
        return { address: new URL(readyUrl).host, job, namespace: operated.namespace, pod: `${SENDER}-${name}` }
      })
  const prometheus = await startScrapingPrometheus(scraped, SCRAPED_EVERY)
  teardown.push(prometheus.stop)
  return { operated, system, broker, database, prometheus }
}

async function startDatabase(teardown: Teardown): Promise<EmbeddedServer> {
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-database-'))
  teardown.push(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
  const database = await startMongo({ dataDir: directory })
  teardown.push(database.stop)
  return database
}

async function startCanary(
  system: System,
  teardown: Teardown,
): Promise<RunningProcess & Readonly<{ name: string; readyUrl: string }>> {
  await system.admin.createInstance(CANARY)
  const body = { name: CANARY, scopes: ['messages:send' as const, 'messages:read' as const] }
  const { key } = await dataOf(system.admin.api.POST('/v1/api-keys', { body }))
  const logDir = process.env['TEST_LOG_DIR'] ?? (await mkdtemp(join(tmpdir(), 'whatsapp-sender-canary-')))
  const metricsPort = await findFreePort()
  const readyUrl = `http://127.0.0.1:${metricsPort}/readyz`
  const canary = await startProgram({
    name: CANARY,
    main: 'services/canary/src/main.ts',
    logDir,
    readyUrl,
    env: {
      METRICS_PORT: String(metricsPort),
      API_URL: system.apiUrl,
      API_KEY: key,
      CANARY_INSTANCE: CANARY,
      CANARY_RECIPIENT: '+5511999991000',
      CANARY_INTERVAL_SECONDS: '3',
      CANARY_PATIENCE_SECONDS: '10',
      CANARY_UNTIL: 'read',
    },
  })
  teardown.push(async () => {
    await canary.stop()
    if (process.env['TEST_LOG_DIR'] === undefined) await rm(logDir, { recursive: true, force: true })
  })
  return { ...canary, name: CANARY, readyUrl }
}
