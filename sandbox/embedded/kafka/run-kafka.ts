import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startReadyProcess } from '../../process/ready-process.ts'
import type { RunningProcess } from '../../process/running-process.ts'
import { LOOPBACK } from '../embedded-server.ts'
import { canCreateTopics } from './kafka-admin.ts'
import { type KafkaInstallation, kafkaCommand } from './kafka-command.ts'
import { clusterIdIn, type KafkaTls, metaProperties, serverProperties } from './kafka-properties.ts'

/** Writes the configuration into `directory` and starts the broker on it; resolves when it would create a topic. */
export async function runKafka(o: {
  installation: KafkaInstallation
  env: NodeJS.ProcessEnv
  directory: string
  host?: string | undefined
  port: number
  controllerPort: number
  advertisedPort?: number | undefined
  /** Where clients log in with SCRAM-SHA-512, on a listener of its own. */
  scramPort?: number | undefined
  tls?: KafkaTls | undefined
  /** Broker settings beside our own. */
  more?: Readonly<Record<string, string>> | undefined
  logFile?: string | undefined
  writeArchive?: string
  signal?: AbortSignal | undefined
  onSpawned?: (pid: number) => Promise<void>
}): Promise<RunningProcess> {
  const dataDir = join(o.directory, 'data')
  const propertiesFile = join(o.directory, 'server.properties')
  await mkdir(dataDir, { recursive: true })
  await writeFile(propertiesFile, serverProperties({ ...o, dataDir }))
  const metaFile = join(dataDir, 'meta.properties')
  await writeOnce(metaFile, metaProperties())
  const clusterId = clusterIdIn(await readFile(metaFile, 'utf8'))

  return startReadyProcess({
    name: 'Kafka',
    command: kafkaCommand({ ...o, propertiesFile }),
    logFile: o.logFile ?? join(o.directory, 'kafka.log'),
    stopTimeoutMs: 10_000,
    readyTimeoutMs: 60_000,
    isReady: () => canCreateTopics(`${o.host ?? LOOPBACK}:${o.port}`, clusterId),
    signal: o.signal,
    ...(o.onSpawned && { onSpawned: o.onSpawned }),
  })
}

/** The identity of the data: written again it would orphan them. */
async function writeOnce(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
