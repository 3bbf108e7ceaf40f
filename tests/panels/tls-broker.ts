import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { makeAuthority } from '../support/certificates.ts'

/** A real broker that services reach by TLS, with a certificate of an authority of its own; it can be killed and started again. */
export type TlsBroker = Readonly<{
  /** Without TLS, for whoever makes topics. */
  address: string
  tlsAddress: string
  /** The authority to trust. */
  caFile: string
  kill(): Promise<void>
  /** With the same data at the same addresses. */
  restart(): Promise<void>
  stop(): Promise<void>
}>

const HOST = '127.0.0.1'

export async function startTlsBroker(): Promise<TlsBroker> {
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-broker-'))
  const port = await findFreePort()
  const tlsPort = await findFreePort(undefined, [port])
  const authority = makeAuthority(directory, 'authority')
  const tls = { port: tlsPort, certificateKeyFile: authority.certify('broker') }
  const dataDir = join(directory, 'kafka')
  await mkdir(dataDir)
  const start = () => startKafka({ dataDir, port, portIsFixed: true, tls })
  let server = await start()
  return {
    address: `${HOST}:${port}`,
    tlsAddress: `${HOST}:${tlsPort}`,
    caFile: authority.certificateFile,
    kill: async () => {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    restart: async () => {
      server = await start()
    },
    stop: async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
