import { join } from 'node:path'
import type { EmbeddedServer, EmbeddedServerOptions } from '../embedded/embedded-server.ts'
import { installKafka } from '../embedded/kafka/kafka-installation.ts'
import { startKafka } from '../embedded/kafka/start-kafka.ts'
import { installMongod } from '../embedded/mongo/mongod-binary.ts'
import { startMongo } from '../embedded/mongo/start-mongo.ts'
import { createProjectTopics } from '../embedded/topics.ts'
import { urlOf } from './http-probe.ts'
import type { Launcher } from './launcher.ts'
import { locations } from './locations.ts'
import { reachEvolution, reasonOf, requireMongo } from './reach-servers.ts'
import { evolutionEnvironment, type ServerAddresses, type SystemPlan } from './service-environments.ts'
import { StartError } from './start-error.ts'
import { startService } from './start-service.ts'
import { type Step, secondsSince, type Terminal } from './terminal.ts'

const KAFKA_PORT = 9092
const MONGO_PORT = 27017

/** Starts the servers that nobody gave an address of, and makes the topics. */
export async function startServers(plan: SystemPlan, launcher: Launcher, terminal: Terminal): Promise<ServerAddresses> {
  const kafka = plan.given.kafka?.brokers.join(',') ?? (await startOwnKafka(plan, launcher))
  await terminal.step('Topics', (step) => createTopics(plan, kafka, step), String)
  const mongo = await mongoOf(plan, launcher, terminal)
  const evolution = await evolutionOf(plan, launcher, terminal)
  return { kafka, mongo, evolution }
}

async function mongoOf(plan: SystemPlan, launcher: Launcher, terminal: Terminal): Promise<string> {
  const { mongo } = plan.given
  if (mongo === undefined) return startOwnMongo(plan, launcher)
  await terminal.step(
    'MongoDB',
    () => requireMongo(plan.env),
    () => 'yours',
  )
  return mongo
}

async function evolutionOf(plan: SystemPlan, launcher: Launcher, terminal: Terminal): Promise<string> {
  const { evolution } = plan.given
  if (evolution === undefined) return startOwnEvolution(plan, launcher)
  const resultOf = (isThere: boolean) => (isThere ? 'yours' : 'no answer: messages will wait')
  await terminal.step('Evolution API', () => reachEvolution(evolution), resultOf)
  return evolution
}

async function startOwnKafka({ env }: SystemPlan, launcher: Launcher): Promise<string> {
  const { address } = await launcher.launch<EmbeddedServer>('Kafka', {
    async start({ previous, step, signal }) {
      await timed(step, 'fetching the broker (first time only)…', (onInstall) =>
        installKafka(env, { onInstall, signal }),
      )
      return startKafka({ ...serverOptions('kafka', KAFKA_PORT, previous), env, signal })
    },
    resultOf: (kafka) => kafka.address,
  })
  return address
}

async function startOwnMongo({ env }: SystemPlan, launcher: Launcher): Promise<string> {
  const { address } = await launcher.launch<EmbeddedServer>('MongoDB', {
    async start({ previous, step, signal }) {
      await timed(step, 'fetching the database (first time only)…', (onInstall) =>
        installMongod(env, { onInstall, signal }),
      )
      return startMongo({ ...serverOptions('mongo', MONGO_PORT, previous), env, signal })
    },
    resultOf: (mongo) => `127.0.0.1:${mongo.port}`,
  })
  return address
}

/** Says how long a fetch took, if there was one: the rest of the step is the start itself. */
async function timed(step: Step, what: string, fetch: (onInstall: () => void) => Promise<unknown>): Promise<void> {
  let startedAt: number | undefined
  await fetch(() => {
    startedAt = performance.now()
    step.note(what)
  })
  if (startedAt !== undefined) step.note(`${secondsSince(startedAt)}; starting…`)
}

/** A server that others know already comes back where it was. */
function serverOptions(
  name: 'kafka' | 'mongo',
  port: number,
  previous: EmbeddedServer | undefined,
): EmbeddedServerOptions {
  return {
    dataDir: locations[name],
    logFile: join(locations.logs, `${name}.log`),
    port: previous?.port ?? port,
    portIsFixed: previous !== undefined,
  }
}

async function startOwnEvolution(plan: SystemPlan, launcher: Launcher): Promise<string> {
  const url = urlOf(plan.host, plan.ports.evolution)
  await launcher.launch('Evolution (sandbox)', {
    start: ({ signal }) =>
      startService({
        name: 'evolution',
        main: locations.evolutionMain,
        env: evolutionEnvironment(plan, locations.evolution),
        readyUrl: url,
        stopTimeoutMs: 10_000,
        signal,
      }),
    resultOf: () => url,
  })
  return url
}

/** Somebody's own cluster may have its topics already and forbid to make any. */
async function createTopics({ given, env }: SystemPlan, address: string, step: Step): Promise<string> {
  try {
    await createProjectTopics(given.kafka ?? { brokers: [address], prefix: env['KAFKA_PREFIX'] ?? '' })
    return 'there'
  } catch (error) {
    if (given.kafka === undefined) throw error
    if (isUnreachable(error)) {
      throw new StartError(
        `Kafka does not answer at ${address}: ${reasonOf(error)}\nStart it, or take KAFKA_BROKERS (or KAFKA_HOST) away: npm start brings a Kafka of its own.`,
      )
    }
    step.note(`not created (${reasonOf(error)});`)
    return 'they have to exist'
  }
}

/** Nobody is there, or nobody who speaks as we were told to. */
function isUnreachable(error: unknown): boolean {
  const names = ['KafkaJSConnectionError', 'KafkaJSNumberOfRetriesExceeded', 'KafkaJSSASLAuthenticationError']
  return error instanceof Error && (names.includes(error.name) || isUnreachable(error.cause))
}
