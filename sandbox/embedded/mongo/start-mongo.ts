import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../../process/free-port.ts'
import { startReadyProcess } from '../../process/ready-process.ts'
import { runLocked } from '../../process/run-locked.ts'
import { type EmbeddedServer, type EmbeddedServerOptions, LOOPBACK } from '../embedded-server.ts'
import { keepPorts, readKeptPorts } from '../kept-ports.ts'
import { onFreePort } from '../on-free-port.ts'
import { installMongod } from './mongod-binary.ts'
import { type MongoTls, mongodCommand, REPLICA_SET } from './mongod-command.ts'
import { becomesPrimary } from './replica-set.ts'

export type MongoOptions = EmbeddedServerOptions &
  Readonly<{
    /** It takes no connection without TLS then. */
    tls?: MongoTls | undefined
  }>

/**
 * A real MongoDB, a replica set of one that takes writes. Data and port of an earlier start are kept.
 * @throws {InstallError} when no mongod can be had
 * @throws {DirectoryLockedError} when another server runs on `dataDir`
 */
export async function startMongo(o: MongoOptions): Promise<EmbeddedServer> {
  const env = o.env ?? process.env
  const host = o.host ?? LOOPBACK
  const { file: binary } = await installMongod(env, { signal: o.signal })
  return runLocked(o.dataDir, async (lock) => {
    const fixedPort = o.portIsFixed === true ? o.port : undefined
    const kept = await readKeptPorts(o.dataDir)
    const dataDir = join(o.dataDir, 'data')
    await mkdir(dataDir, { recursive: true })
    const start = async (): Promise<EmbeddedServer> => {
      const port = fixedPort ?? (await findFreePort(kept['port'] ?? o.port))
      const mongod = await startReadyProcess({
        name: 'MongoDB',
        command: mongodCommand({ binary, dataDir, host, port, env, tls: o.tls }),
        logFile: o.logFile ?? join(o.dataDir, 'mongod.log'),
        stopTimeoutMs: 10_000,
        readyTimeoutMs: 60_000,
        isReady: () => becomesPrimary(`${host}:${port}`, o.tls?.caFile),
        signal: o.signal,
        onSpawned: (pid) => lock.nameServer(pid),
      })
      await keepPorts(o.dataDir, { port })
      return { ...mongod, port, address: `mongodb://${host}:${port}/?replicaSet=${REPLICA_SET}` }
    }
    return fixedPort === undefined ? onFreePort(start) : start()
  })
}
