import { findFreePort } from '../../process/free-port.ts'
import { runLocked } from '../../process/run-locked.ts'
import { type EmbeddedServer, type EmbeddedServerOptions, LOOPBACK } from '../embedded-server.ts'
import { keepPorts, readKeptPorts } from '../kept-ports.ts'
import { onFreePort } from '../on-free-port.ts'
import { installKafka } from './kafka-installation.ts'
import type { KafkaTls } from './kafka-properties.ts'
import { runKafka } from './run-kafka.ts'

export type KafkaOptions = EmbeddedServerOptions &
  Readonly<{
    /** Where clients are told to find the broker, when that is not its own port. */
    advertisedPort?: number | undefined
    /** Where clients log in with SCRAM-SHA-512, on a listener of its own. */
    scramPort?: number | undefined
    /** Where clients connect by TLS, on a listener of its own. */
    tls?: KafkaTls | undefined
    /** Broker settings beside our own. */
    more?: Readonly<Record<string, string>> | undefined
  }>

/**
 * A real Kafka broker, ready for topics. Data and ports of an earlier start are kept.
 * @throws {InstallError} when Java, Maven or the jars cannot be had
 * @throws {DirectoryLockedError} when another broker runs on `dataDir`
 */
export async function startKafka(o: KafkaOptions): Promise<EmbeddedServer> {
  const env = o.env ?? process.env
  const host = o.host ?? LOOPBACK
  const installation = await installKafka(env, { signal: o.signal })
  return runLocked(o.dataDir, async (lock) => {
    const fixedPort = o.portIsFixed === true ? o.port : undefined
    const kept = await readKeptPorts(o.dataDir)
    const start = async (): Promise<EmbeddedServer> => {
      const port = fixedPort ?? (await findFreePort(kept['port'] ?? o.port))
      const controllerPort = await findFreePort(kept['controllerPort'], [port])
      const broker = await runKafka({
        installation,
        env,
        directory: o.dataDir,
        host,
        port,
        controllerPort,
        advertisedPort: o.advertisedPort,
        scramPort: o.scramPort,
        tls: o.tls,
        more: o.more,
        logFile: o.logFile,
        signal: o.signal,
        onSpawned: (pid) => lock.nameServer(pid),
      })
      await keepPorts(o.dataDir, { port, controllerPort })
      return { ...broker, port, address: `${host}:${port}` }
    }
    return fixedPort === undefined ? onFreePort(start) : start()
  })
}
