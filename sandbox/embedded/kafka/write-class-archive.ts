import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '../../process/free-port.ts'
import { onFreePort } from '../on-free-port.ts'
import type { KafkaInstallation } from './kafka-command.ts'
import { runKafka } from './run-kafka.ts'

/** Starts the broker once on data that is thrown away; the JVM writes down the classes it used when it ends. */
export async function writeClassArchive(
  installation: KafkaInstallation,
  o: { env: NodeJS.ProcessEnv; archive: string; signal: AbortSignal | undefined },
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'kafka-archive-'))
  try {
    const broker = await onFreePort(async () => {
      const port = await findFreePort()
      const controllerPort = await findFreePort(undefined, [port])
      const { env, signal } = o
      return runKafka({ installation, env, directory, port, controllerPort, writeArchive: o.archive, signal })
    })
    await broker.stop()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
