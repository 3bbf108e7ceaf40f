import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { startMongo } from '@whatsapp-sender/sandbox/embedded/mongo/start-mongo'

/** The data of a whole run take about half a gigabyte; the rest is for what the tests start. */
const MEMORY_MIN = 4 * 1024 ** 3
/** A file system in memory that Linux has. */
const IN_MEMORY = '/dev/shm'

const cleanups: (() => Promise<unknown>)[] = []

/** Runs once before all test files: one broker and one database for all of them, unless the environment names others. */
export async function globalSetup(): Promise<void> {
  const directory = await mkdtemp(join(await dataPlace(), 'whatsapp-sender-test-'))
  cleanups.push(() => rm(directory, { recursive: true, force: true }))
  await Promise.all([provideKafka(join(directory, 'kafka')), provideMongo(join(directory, 'mongo'))])
}

export async function globalTeardown(): Promise<void> {
  for (const cleanUp of cleanups.reverse()) await cleanUp()
}

/** For programs of their own: whoever interrupts one leaves no server behind. `first` comes before they are stopped. */
export function tearDownOnSignals(first: () => void = () => {}): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first()
      void globalTeardown().finally(() => process.exit(130))
    })
  }
}

/**
 * Every file makes a database and topics of its own, and half of that was waiting for the disk. No test takes the
 * machine's power away: what a server has written outlives its process in memory as well.
 */
async function dataPlace(): Promise<string> {
  const room = await statfs(IN_MEMORY).catch(() => undefined)
  const isRoomy =
    room !== undefined && room.bavail * room.bsize >= MEMORY_MIN && process.availableMemory() >= MEMORY_MIN
  return isRoomy ? IN_MEMORY : tmpdir()
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
