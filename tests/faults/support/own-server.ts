import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EmbeddedServer } from '@whatsapp-sender/sandbox/embedded/embedded-server'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { startMongo } from '@whatsapp-sender/sandbox/embedded/mongo/start-mongo'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

/** A real server of one row, that may be frozen, killed, started again, and cut off. */
export type OwnServer = Readonly<{
  /** What to give to the system: it leads through the proxy. */
  address: string
  /** Past the proxy. */
  directAddress: string
  proxy: FaultProxy
  pid(): number
  freeze(): void
  thaw(): void
  kill(): Promise<void>
  /** SIGTERM; the data are kept. */
  halt(): Promise<void>
  /** On the same data and port. */
  restart(): Promise<void>
  /** Ends it for good, whatever state it is in. */
  stop(): Promise<void>
}>

export type OwnServerOptions = Readonly<{
  /** Where its data lie; default a new folder that goes with it. */
  dataDir?: string
}>

export function startOwnBroker(
  o: OwnServerOptions & Readonly<{ more?: Readonly<Record<string, string>> }> = {},
): Promise<OwnServer> {
  return startOwnServer(o, {
    start: (dataDir, port, proxyPort) =>
      startKafka({ dataDir, port, portIsFixed: true, advertisedPort: proxyPort, more: o.more }),
    addressAt: (port) => `127.0.0.1:${port}`,
  })
}

/** A replica set of one. Its driver is kept from looking for members: it would find the way past the proxy. */
export function startOwnMongo(o: OwnServerOptions = {}): Promise<OwnServer> {
  return startOwnServer(o, {
    start: (dataDir, port) => startMongo({ dataDir, port, portIsFixed: true }),
    addressAt: (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`,
  })
}

async function startOwnServer(
  o: OwnServerOptions,
  kind: Readonly<{
    start(dataDir: string, port: number, proxyPort: number): Promise<EmbeddedServer>
    addressAt(port: number): string
  }>,
): Promise<OwnServer> {
  const dataDir = o.dataDir ?? (await mkdtemp(join(tmpdir(), 'faults-server-')))
  const port = await findFreePort()
  const proxy = await startFaultProxy(port)
  const start = () => kind.start(dataDir, port, proxy.port)
  const cleanUp = async () => {
    await proxy.close()
    if (o.dataDir === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  }
  let server = await start().catch(async (error: unknown) => {
    await cleanUp()
    throw error
  })
  return {
    address: kind.addressAt(proxy.port),
    directAddress: kind.addressAt(port),
    proxy,
    pid: () => server.pid,
    freeze: () => void process.kill(server.pid, 'SIGSTOP'),
    thaw: () => void process.kill(server.pid, 'SIGCONT'),
    kill: async () => {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    halt: async () => {
      await server.stop()
    },
    restart: async () => {
      server = await start()
    },
    stop: async () => {
      await server.stop()
      await cleanUp()
    },
  }
}
