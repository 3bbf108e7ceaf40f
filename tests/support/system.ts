import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTopics } from '@whatsapp-sender/sandbox/embedded/topics'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { openStore, type Store } from '@whatsapp-sender/store'
import { type Client, clientOf } from './client.ts'
import { type Gateway, gatewayAt } from './gateway.ts'
import { startProgram } from './processes.ts'

export type System = Readonly<{
  /** The API that runs now. */
  api(): RunningProcess
  apiUrl: string
  gateway: Gateway
  /** What the services show Evolution. */
  evolutionKey: string
  /** The administrator, signed in. */
  admin: Client
  adminAccount: Readonly<{ email: string; password: string }>
  anonymous: Client
  store: Store
  brokers: readonly string[]
  prefix: string
  /** Every program started so far, by name. */
  programs(): readonly (RunningProcess & Readonly<{ name: string; readyUrl: string }>)[]
  /** On the address of the first one. */
  startApi(): Promise<RunningProcess>
  /** One more, beside the first, on an address of its own. */
  startAnotherApi(env?: Readonly<Record<string, string>>): Promise<AnotherApi>
  /** One more; with the `METRICS_PORT` of one that has ended, in its place. */
  startConsumer(env?: Readonly<Record<string, string>>): Promise<RunningProcess & Readonly<{ readyUrl: string }>>
  startGateway(): Promise<RunningProcess>
  gatewayProcess(): RunningProcess
  stop(): Promise<void>
}>

export type AnotherApi = RunningProcess & Readonly<{ port: number; readyUrl: string }>

export type SystemOptions = Readonly<{
  brokers?: string
  mongoUrl?: string
  /** For this process; the services are given theirs in `env`. */
  mongoAuthorities?: string
  consumers?: number
  partitions?: number
  /** For the API and the consumers. */
  env?: Readonly<Record<string, string>>
  apiEnv?: Readonly<Record<string, string>>
  consumerEnv?: Readonly<Record<string, string>>
  gatewayEnv?: Readonly<Record<string, string>>
  /** Where the services find the gateway, when something stands in front of it. */
  gatewayUrlFor?(gatewayPort: number): Promise<string>
}>

/** The whole product as processes of its own, on topics and a database of its own. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const run = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  const brokers = options.brokers ?? required('KAFKA_BROKERS')
  const mongoUrl = options.mongoUrl ?? required('MONGO_URL')
  // TEST_LOG_DIR keeps the logs of every program, for whoever looks into a failure.
  const keptLogs = process.env['TEST_LOG_DIR']
  const logDir = keptLogs === undefined ? await mkdtemp(join(tmpdir(), `${run}_`)) : join(keptLogs, run)
  const [apiPort, apiMetrics, gatewayPort] = await freePorts()
  const apiUrl = `http://127.0.0.1:${apiPort}`
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`
  const admin = { email: 'admin@example.com', password: randomBytes(12).toString('hex') }
  const env = {
    KAFKA_BROKERS: brokers,
    KAFKA_PREFIX: `${run}_`,
    KAFKA_SESSION_TIMEOUT_MS: '10000',
    MONGO_URL: mongoUrl,
    MONGO_DATABASE: run,
    EVOLUTION_API_URL: (await options.gatewayUrlFor?.(gatewayPort)) ?? gatewayUrl,
    AUTHENTICATION_API_KEY: randomBytes(16).toString('hex'),
    SECRET_KEY: randomBytes(32).toString('hex'),
    PACE_DEFAULT_PER_MINUTE: '0',
    LOG_LEVEL: 'info',
    ...options.env,
  }
  const running: (RunningProcess & Readonly<{ name: string; readyUrl: string }>)[] = []
  const started = async (program: Omit<Parameters<typeof startProgram>[0], 'logDir'>): Promise<RunningProcess> => {
    const process = await startProgram({ ...program, logDir })
    running.push({ ...process, name: program.name, readyUrl: program.readyUrl })
    return process
  }

  let gatewayProcess: RunningProcess | undefined
  const startGateway = async () => {
    gatewayProcess = await started({
      name: 'gateway',
      main: 'sandbox/evolution/main.ts',
      readyUrl: `${gatewayUrl}/sandbox/stats`,
      env: {
        AUTHENTICATION_API_KEY: env.AUTHENTICATION_API_KEY,
        SANDBOX_PORT: String(gatewayPort),
        SANDBOX_AUTO_OPEN: 'true',
        SANDBOX_STATE_DIR: join(logDir, 'gateway'),
        LOG_LEVEL: 'warn',
        ...options.gatewayEnv,
      },
    })
    return gatewayProcess
  }
  const jwtSecret = randomBytes(32).toString('hex')
  const startApiAt = (
    name: string,
    { port, metricsPort }: Readonly<{ port: number; metricsPort: number }>,
    more: Readonly<Record<string, string>> = {},
  ) =>
    started({
      name,
      main: 'services/api/src/main.ts',
      readyUrl: `http://127.0.0.1:${metricsPort}/readyz`,
      env: {
        JWT_SECRET: jwtSecret,
        ...env,
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        ADMIN_EMAIL: admin.email,
        ADMIN_PASSWORD: admin.password,
        ...options.apiEnv,
        ...more,
      },
    })
  let api: RunningProcess | undefined
  const startApi = async () => {
    api = await startApiAt('api', { port: apiPort, metricsPort: apiMetrics })
    return api
  }
  let others = 0
  const startAnotherApi = async (more?: Readonly<Record<string, string>>) => {
    others += 1
    const port = await findFreePort()
    const metricsPort = await findFreePort(undefined, [port])
    const another = await startApiAt(`api-${others}`, { port, metricsPort }, more)
    return { ...another, port, readyUrl: `http://127.0.0.1:${metricsPort}/readyz` }
  }
  let consumers = 0
  const startConsumer = async (more: Readonly<Record<string, string>> = {}) => {
    consumers += 1
    const name = `consumer-${consumers}`
    const metricsPort = more['METRICS_PORT'] ?? (await findFreePort())
    const readyUrl = `http://127.0.0.1:${metricsPort}/readyz`
    const settings = { ...env, ...options.consumerEnv, ...more }
    const consumer = await started({
      name,
      main: 'services/consumer/src/main.ts',
      readyUrl,
      env: { AMBIGUOUS_SETTLE_MS: '2000', ...settings, METRICS_PORT: String(metricsPort) },
    })
    return { ...consumer, readyUrl }
  }
  const store = await openStore({
    url: mongoUrl,
    authorities: options.mongoAuthorities,
    database: run,
    appName: 'test',
    secretKey: env.SECRET_KEY,
  })
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((program) => program.stop()))
    await store.db.dropDatabase()
    await store.close()
    if (keptLogs === undefined) await rm(logDir, { recursive: true })
  }
  const anonymous = clientOf(apiUrl)
  const bringUp = async () => {
    await allSettled([createTopics(brokers.split(','), env.KAFKA_PREFIX, options.partitions ?? 6), startGateway()])
    await allSettled([startApi(), ...Array.from({ length: options.consumers ?? 1 }, () => startConsumer())])
    return await until('the first administrator exists', () =>
      anonymous.login(admin.email, admin.password).catch(() => undefined),
    )
  }
  // What runs would keep a test file whose set-up failed alive for ever.
  const signedIn = await bringUp().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    api: () => existing(api, 'API'),
    apiUrl,
    gateway: gatewayAt(gatewayUrl),
    evolutionKey: env.AUTHENTICATION_API_KEY,
    admin: signedIn,
    adminAccount: admin,
    anonymous,
    store,
    brokers: brokers.split(','),
    prefix: env.KAFKA_PREFIX,
    programs: () => running,
    startApi,
    startAnotherApi,
    startConsumer,
    startGateway,
    gatewayProcess: () => existing(gatewayProcess, 'gateway'),
    stop,
  }
}

/** Host and port at which the programs that run tell their metrics. */
export function scrapedPrograms(system: Pick<System, 'programs'>): string[] {
  return system
    .programs()
    .filter(({ name }) => name === 'api' || name.startsWith('consumer'))
    .map(({ readyUrl }) => new URL(readyUrl).host)
}

/** Throws when all have ended: what still starts could not be stopped. */
async function allSettled(starts: readonly Promise<unknown>[]): Promise<void> {
  for (const start of await Promise.allSettled(starts)) if (start.status === 'rejected') throw start.reason
}

function existing(program: RunningProcess | undefined, name: string): RunningProcess {
  if (program === undefined) throw new Error(`the ${name} was never started`)
  return program
}

async function freePorts(): Promise<[api: number, metrics: number, gateway: number]> {
  const api = await findFreePort()
  const metrics = await findFreePort(undefined, [api])
  return [api, metrics, await findFreePort(undefined, [api, metrics])]
}

function required(variable: string): string {
  const value = process.env[variable]
  if (!value) throw new Error(`${variable} is not set: run the tests with "npm test"`)
  return value
}
