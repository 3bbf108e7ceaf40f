import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { startMongo } from '@whatsapp-sender/sandbox/embedded/mongo/start-mongo'

const cleanups: (() => Promise<unknown>)[] = []

/** Runs once before all test files: one broker and one database for all of them, unless the environment names others. */
export async function globalSetup(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-test-'))
  cleanups.push(() => rm(directory, { recursive: true, force: true }))
  await Promise.all([provideKafka(join(directory, 'kafka')), provideMongo(join(directory, 'mongo'))])
}

export async function globalTeardown(): Promise<void> {
  for (const cleanUp of cleanups.reverse()) await cleanUp()
}

async function provideKafka(dataDir: string): Promise<void> {
  if (process.env['KAFKA_BROKERS']) return
  const kafka = await startKafka({ dataDir })
  cleanups.push(kafka.stop)
  process.env['KAFKA_BROKERS'] = kafka.address
}

async function provideMongo(dataDir: string): Promise<void> {
  if (process.env['MONGO_URL']) return
  const mongo = await startMongo({ dataDir })
  cleanups.push(mongo.stop)
  process.env['MONGO_URL'] = mongo.address
}
