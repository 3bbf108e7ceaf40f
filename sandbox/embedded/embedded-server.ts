import type { RunningProcess } from '../process/running-process.ts'

export const LOOPBACK = '127.0.0.1'

/** A real server that this process started and will stop. */
export type EmbeddedServer = RunningProcess &
  Readonly<{
    /** Kafka: `127.0.0.1:9092`; MongoDB: a connection string. */
    address: string
    port: number
  }>

export type EmbeddedServerOptions = Readonly<{
  /** Created when missing; what is in it is kept. */
  dataDir: string
  /** Wanted port of new data, else any; data that are kept keep theirs. A taken one gives the next free one. */
  port?: number | undefined
  /** `port` and no other, or failure: for a server that others know already. */
  portIsFixed?: boolean | undefined
  /** Where it listens and clients are told to find it; default 127.0.0.1. It asks nobody for a password. */
  host?: string | undefined
  /** Default: inside `dataDir`. */
  logFile?: string | undefined
  /** Where to look for Java, Maven and mongod; default: the environment of this process. */
  env?: NodeJS.ProcessEnv | undefined
  /** Gives up waiting. */
  signal?: AbortSignal | undefined
}>
