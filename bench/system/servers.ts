import { join } from 'node:path'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { startMongo } from '@whatsapp-sender/sandbox/embedded/mongo/start-mongo'
import type { Options } from '../options.ts'
import type { Machine } from './machine.ts'

export type Servers = Readonly<{
  brokers: string
  mongoUrl: string
  /** Of those that this bench started. */
  kafkaPid: number | undefined
  mongodPid: number | undefined
}>

type Needs = Readonly<{ machine: Machine; directory: string; cleanups: AsyncDisposableStack }>

/** A real broker and a real database: those that the environment names, or new ones that end with `cleanups`. */
export async function provideServers(options: Options, needs: Needs): Promise<Servers> {
  const kafka = await provideKafka(options, needs)
  const mongo = await provideMongo(options, needs)
  return { brokers: kafka.address, kafkaPid: kafka.pid, mongoUrl: mongo.address, mongodPid: mongo.pid }
}

type Server = Readonly<{ address: string; pid: number | undefined }>

async function provideKafka({ brokers, env }: Options, { directory, cleanups }: Needs): Promise<Server> {
  if (brokers !== undefined) return { address: brokers, pid: undefined }
  const kafka = await startKafka({ dataDir: join(directory, 'kafka'), env })
  cleanups.defer(async () => void (await kafka.stop()))
  return kafka
}

async function provideMongo({ mongoUrl, env }: Options, { machine, directory, cleanups }: Needs): Promise<Server> {
  if (mongoUrl !== undefined) return { address: mongoUrl, pid: undefined }
  const mongo = await startMongo({ dataDir: join(directory, 'mongo'), env })
  cleanups.defer(async () => void (await mongo.stop()))
  // Neither load nor what is measured: it may use what both leave.
  machine.unpin(mongo.pid)
  return mongo
}
