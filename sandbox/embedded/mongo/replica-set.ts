import { MongoClient, MongoServerError } from 'mongodb'
import { z } from 'zod'
import { REPLICA_SET } from './mongod-command.ts'

const ALREADY_INITIALIZED = 23
const configReply = z.object({
  config: z.looseObject({ version: z.int(), members: z.array(z.looseObject({ host: z.string() })) }),
})

/**
 * Asks the server once: makes it a replica set of one when it is none, gives the member its present address when it has
 * moved, and tells whether it takes writes.
 * @param host with its port
 * @param tlsCAFile left out: it is asked without TLS
 */
export async function becomesPrimary(host: string, tlsCAFile?: string): Promise<boolean> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1000,
    connectTimeoutMS: 1000,
    ...(tlsCAFile !== undefined && { tls: true, tlsCAFile }),
  })
  try {
    const admin = client.db('admin')
    const { isWritablePrimary } = await admin.command({ hello: 1 })
    if (isWritablePrimary === true) return true
    if (!(await initiate(client, host))) await moveMember(client, host)
    return false
  } catch {
    return false
  } finally {
    await client.close()
  }
}

/** False when the data belong to a replica set already. */
async function initiate(client: MongoClient, host: string): Promise<boolean> {
  try {
    await client.db('admin').command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } })
    return true
  } catch (error) {
    if (error instanceof MongoServerError && error.code === ALREADY_INITIALIZED) return false
    throw error
  }
}

async function moveMember(client: MongoClient, host: string): Promise<void> {
  const admin = client.db('admin')
  const { config } = configReply.parse(await admin.command({ replSetGetConfig: 1 }))
  const [member] = config.members
  if (member === undefined || member.host === host) return
  const moved = { ...config, version: config.version + 1, members: [{ ...member, host }] }
  await admin.command({ replSetReconfig: moved, force: true })
}
