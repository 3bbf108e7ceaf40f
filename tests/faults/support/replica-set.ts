import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installMongod } from '@whatsapp-sender/sandbox/embedded/mongo/mongod-binary'
import { mongodCommand, REPLICA_SET } from '@whatsapp-sender/sandbox/embedded/mongo/mongod-command'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { type RunningProcess, startProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { MongoClient } from 'mongodb'

export type Member = Readonly<{ port: number; process: RunningProcess }>

export type OwnReplicaSet = Readonly<{
  address: string
  members: readonly Member[]
  primary(): Promise<Member>
  /** The primary gives way, and does not come back for so long; resolves when another leads. */
  stepDown(forS: number): Promise<void>
  stop(): Promise<void>
}>

const MEMBERS = 3
/** An election after a death takes about this long: the product's own waits are longer. */
const ELECTION_TIMEOUT_MS = 2000

/** Three members that elect their primary. */
export async function startReplicaSet(): Promise<OwnReplicaSet> {
  const directory = await mkdtemp(join(tmpdir(), 'faults-replica-set-'))
  const { file: binary } = await installMongod(process.env)
  const members: Member[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.process.stop()))
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    while (members.length < MEMBERS) members.push(await startMember(binary, directory, members))
    await initiate(members)
    const primary = () => until('a primary leads', () => primaryOf(members), { everyMs: 100 })
    await primary()
    return {
      address: `mongodb://${members.map(({ port }) => `127.0.0.1:${port}`).join(',')}/?replicaSet=${REPLICA_SET}`,
      members,
      primary,
      stepDown: async (forS) => {
        const before = await primary()
        // Refused while no other member may lead or has caught up, as when it gave way itself a moment ago.
        await until('it gives way', () =>
          command(before.port, { replSetStepDown: forS, secondaryCatchUpPeriodSecs: 2 }).catch(() => undefined),
        )
        await until('another one leads', async () => {
          const now = await primaryOf(members)
          return now !== undefined && now !== before ? true : undefined
        })
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startMember(binary: string, directory: string, others: readonly Member[]): Promise<Member> {
  const port = await findFreePort(
    undefined,
    others.map((other) => other.port),
  )
  const dataDir = join(directory, String(port))
  await mkdir(dataDir)
  const process_ = await startProcess({
    command: mongodCommand({ binary, dataDir, port, env: process.env }),
    logFile: join(directory, `${port}.log`),
    stopTimeoutMs: 10_000,
  })
  return { port, process: process_ }
}

async function initiate(members: readonly Member[]): Promise<void> {
  const [first] = members
  if (first === undefined) throw new Error('a replica set needs members')
  const config = {
    _id: REPLICA_SET,
    settings: { electionTimeoutMillis: ELECTION_TIMEOUT_MS },
    members: members.map(({ port }, at) => ({ _id: at, host: `127.0.0.1:${port}` })),
  }
  await until('the members hear each other', () =>
    command(first.port, { replSetInitiate: config }).then(
      () => true,
      () => undefined,
    ),
  )
}

async function primaryOf(members: readonly Member[]): Promise<Member | undefined> {
  for (const member of members) {
    const hello = await command(member.port, { hello: 1 }).catch(() => undefined)
    if (hello?.['isWritablePrimary'] === true) return member
  }
  return undefined
}

async function command(port: number, order: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1000,
    connectTimeoutMS: 1000,
  })
  try {
    return await client.db('admin').command(order)
  } finally {
    await client.close()
  }
}
