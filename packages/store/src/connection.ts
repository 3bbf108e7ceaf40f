import { type Connection, Mongoose, mongo } from 'mongoose'
import { watchPool } from './pool-watch.ts'

export type ConnectionOptions = Readonly<{
  /** `mongodb://…` or `mongodb+srv://…`. */
  url: string
  database: string
  username?: string | undefined
  password?: string | undefined
  /** To trust in place of the system's, in PEM; with them, the connection is TLS. */
  authorities?: string | undefined
  appName: string
  maxPoolSize?: number | undefined
}>

/** How long opening waits for a database that is up; one that is down is then reached in the background. */
const FIRST_WAIT_MS = 2000
const RETRY_MS = 500

/**
 * One client under both mongoose and the plain driver. A failed first connection is tried again until it succeeds;
 * from then on the driver's own monitoring reconnects. Operations never queue: they fail within 5 s, or within 25 s at the
 * moment when a server freezes.
 */
export async function connect(options: ConnectionOptions) {
  const client = new mongo.MongoClient(options.url, clientOptions(options))
  const mongoose = new Mongoose({ autoCreate: false, autoIndex: false, bufferCommands: false, sanitizeFilter: true })
  const root = mongoose.createConnection()
  let reachable = false
  let closed = false
  const connections = watchPool(client)
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    reachable = [...newDescription.servers.values()].some((server) => server.isWritable)
  })

  // Taken that early, mongoose leaves every judgement to the driver, also before the first connection is there.
  const opening = new Promise<Connection>((resolve) => {
    client.once('topologyOpening', () => resolve(root.setClient(client).useDb(options.database)))
  })
  const connecting = (async () => {
    while (!closed) {
      try {
        await client.connect()
        return
      } catch {
        await pause(RETRY_MS)
      }
    }
  })()
  const models = await opening
  await Promise.race([connecting, pause(FIRST_WAIT_MS)])

  return {
    models,
    db: client.db(options.database),
    isReachable: () => reachable,
    connections,
    ping: async (): Promise<boolean> => {
      try {
        await client.db(options.database).command({ ping: 1 })
        return true
      } catch {
        return false
      }
    },
    close: async (): Promise<void> => {
      closed = true
      reachable = false
      await root.close()
      await client.close()
    },
  }
}

function clientOptions(options: ConnectionOptions): mongo.MongoClientOptions {
  const { username, password, authorities, appName, maxPoolSize = 20 } = options
  return {
    appName,
    maxPoolSize,
    retryWrites: true,
    writeConcern: { w: 'majority', wtimeoutMS: 5000 },
    serverSelectionTimeoutMS: 5000,
    socketTimeoutMS: 10_000,
    connectTimeoutMS: 5000,
    heartbeatFrequencyMS: 5000,
    ...(authorities !== undefined && { tls: true, ca: authorities }),
    ...(username !== undefined && password !== undefined && { auth: { username, password } }),
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
