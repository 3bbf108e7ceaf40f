import type { Command } from '../../process/running-process.ts'
import { LOOPBACK } from '../embedded-server.ts'

export const REPLICA_SET = 'rs0'

/** Files in PEM: its certificate with the key, and the authorities of that. */
export type MongoTls = Readonly<{ certificateKeyFile: string; caFile: string }>

/** A member of a replica set with a small cache and a small log: transactions and majority writes need a set. */
export function mongodCommand(o: {
  binary: string
  dataDir: string
  host?: string
  port: number
  env: NodeJS.ProcessEnv
  tls?: MongoTls | undefined
}): Command {
  const args = [
    ['--dbpath', o.dataDir],
    ['--port', String(o.port)],
    ['--bind_ip', o.host ?? LOOPBACK],
    ['--nounixsocket'],
    ['--replSet', REPLICA_SET],
    ['--oplogSize', '64'],
    ['--wiredTigerCacheSizeGB', '0.25'],
    ['--networkMessageCompressors', 'snappy'],
    ['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ['--wiredTigerEngineConfigString', 'log=(file_max=8MB,prealloc=false)'],
    ...(o.tls === undefined ? [] : tlsArguments(o.tls)),
  ]
  return { file: o.binary, args: args.flat(), env: o.env }
}

function tlsArguments({ certificateKeyFile, caFile }: MongoTls): string[][] {
  return [
    ['--tlsMode', 'requireTLS'],
    ['--tlsCertificateKeyFile', certificateKeyFile],
    ['--tlsCAFile', caFile],
    ['--tlsAllowConnectionsWithoutCertificates'],
  ]
}
