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

/** A real broker and a real database: those that the environment names, or new ones that end with `cleanups`. */
export async function provideServers(
  options: Options,
  { machine, directory, cleanups }: Readonly<{ machine: Machine; directory: string; cleanups: AsyncDisposableStack }>,
): Promise<Servers> {
  const { brokers, mongoUrl, env } = options
  const kafka = brokers === undefined ? await startKafka({ dataDir: join(directory, 'kafka'), env }) : undefined
  if (kafka !== undefined) cleanups.defer(async () => void (await kafka.stop()))
  const mongo = mongoUrl === undefined ? await startMongo({ dataDir: join(directory, 'mongo'), env }) : undefined
  if (mongo !== undefined) {
    cleanups.defer(async () => void (await mongo.stop()))
    // Neither load nor what is measured: it may use what both leave.
    machine.unpin(mongo.pid)
  }
  return {
    brokers: brokers ?? kafka?.address ?? '',
    mongoUrl: mongoUrl ?? mongo?.address ?? '',
    kafkaPid: kafka?.pid,
    mongodPid: mongo?.pid,
  }
}
