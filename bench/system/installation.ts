import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KafkaNames, kafkaNames } from '@whatsapp-sender/contract'
import { createTopics } from '@whatsapp-sender/sandbox/embedded/topics'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { openStore, type Store } from '@whatsapp-sender/store'
import type { Options } from '../options.ts'
import { type Machine, prepareMachine } from './machine.ts'
import { provideServers, type Servers } from './servers.ts'

/** Servers, topics and a database of one bench, and the environment that its programs share. */
export type Installation = Readonly<{
  machine: Machine
  servers: Servers
  brokers: readonly string[]
  names: KafkaNames
  store: Store
  gatewayUrl: string
  /** Logs of the programs. */
  directory: string
  profileDir: string | undefined
  env: Readonly<Record<string, string>>
  gatewayEnv: Readonly<Record<string, string>>
}>

/** Everything made here is taken away again by `cleanups`. */
export async function install(
  options: Options,
  { cleanups, partitions }: Readonly<{ cleanups: AsyncDisposableStack; partitions: number }>,
): Promise<Installation> {
  const machine = prepareMachine(options.env)
  const run = `bench_${process.pid}_${randomBytes(4).toString('hex')}`
  const directory = await mkdtemp(join(tmpdir(), `${run}_`))
  cleanups.defer(() => rm(directory, { recursive: true, force: true }))
  const servers = await provideServers(options, { machine, directory, cleanups })
  const brokers = servers.brokers.split(',')
  const prefix = `${run}_`
  await createTopics(brokers, prefix, partitions)
  const secretKey = randomBytes(32).toString('hex')
  const store = await openStore({ url: servers.mongoUrl, database: run, appName: 'bench', secretKey })
  cleanups.defer(() => store.close())
  cleanups.defer(async () => void (await store.db.dropDatabase()))
  await store.ensureIndexes()
  const port = await findFreePort()
  const gatewayUrl = `http://127.0.0.1:${port}`
  const globalKey = randomBytes(16).toString('hex')
  const path = { PATH: options.env['PATH'] ?? '', NODE_ENV: 'production' }
  return {
    machine,
    servers,
    brokers,
    names: kafkaNames(prefix),
    store,
    gatewayUrl,
    directory,
    profileDir: options.profileDir,
    env: {
      ...path,
      KAFKA_BROKERS: servers.brokers,
      KAFKA_PREFIX: prefix,
      MONGO_URL: servers.mongoUrl,
      MONGO_DATABASE: run,
      EVOLUTION_API_URL: gatewayUrl,
      AUTHENTICATION_API_KEY: globalKey,
      SECRET_KEY: secretKey,
      PACE_DEFAULT_PER_MINUTE: '0',
    },
    gatewayEnv: { ...path, AUTHENTICATION_API_KEY: globalKey, SANDBOX_PORT: String(port), LOG_LEVEL: 'warn' },
  }
}
