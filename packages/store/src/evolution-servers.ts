import { DEFAULT_EVOLUTION_SERVER } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { isDuplicateKey } from './duplicate-key.ts'
import { type Sealing, SealingError } from './sealing.ts'

/** An Evolution server beside the one of the environment. */
export type EvolutionServerRow = Readonly<{
  name: string
  /** Without a slash at its end. */
  url: string
  /** Its global key; undefined when it cannot be opened with the `SECRET_KEY` of this process. */
  apiKey: string | undefined
  createdAt: Date
  updatedAt: Date
}>

/** `chosen`: the server of new instances that name none. */
export type EvolutionServerList = Readonly<{ servers: readonly EvolutionServerRow[]; chosen: string }>

export type EvolutionServerChange = Readonly<{ url?: string | undefined; apiKey?: string | undefined }>

type ServerDocument = {
  _id: string
  /** Missing for the server of the environment, which is here only when it was chosen. */
  url?: string
  sealedApiKey?: string
  /** The one chosen last is the one that counts. */
  chosenAt?: Date
  createdAt?: Date
  updatedAt?: Date
}

/** Each has connections of its own in every process. */
export const EVOLUTION_SERVERS_MAX = 50

export type EvolutionServersStore = ReturnType<typeof createEvolutionServersStore>

/** Collection `evolution_servers`. */
export function createEvolutionServersStore(db: mongo.Db, sealing: Sealing) {
  const servers = db.collection<ServerDocument>('evolution_servers')
  const seal = (name: string, apiKey: string) => sealing.seal(apiKey, placeOf(name))

  return {
    /** By name. */
    list: async (): Promise<EvolutionServerList> => {
      const found = await servers.find({}, { sort: { _id: 1 }, readConcern: 'majority' }).toArray()
      return { servers: found.flatMap((doc) => rowsOf(doc, sealing)), chosen: chosenOf(found) }
    },
    create: async (
      server: Readonly<{ name: string; url: string; apiKey: string }>,
    ): Promise<'created' | 'name-taken' | 'too-many'> => {
      const { name, url, apiKey } = server
      if ((await servers.countDocuments({ url: { $exists: true } })) >= EVOLUTION_SERVERS_MAX) return 'too-many'
      const now = new Date()
      try {
        await servers.insertOne({ _id: name, url, sealedApiKey: seal(name, apiKey), createdAt: now, updatedAt: now })
        return 'created'
      } catch (error) {
        if (isDuplicateKey(error)) return 'name-taken'
        throw error
      }
    },
    /** False: there is none of that name. What is not named stays. */
    change: async (name: string, { url, apiKey }: EvolutionServerChange): Promise<boolean> => {
      const set = {
        ...(url !== undefined && { url }),
        ...(apiKey !== undefined && { sealedApiKey: seal(name, apiKey) }),
        updatedAt: new Date(),
      }
      return (await servers.updateOne({ _id: name, url: { $exists: true } }, { $set: set })).matchedCount === 1
    },
    /** From now on it is the server of new instances that name none. False: there is none of that name. */
    choose: async (name: string): Promise<boolean> => {
      const upsert = name === DEFAULT_EVOLUTION_SERVER
      const chosen = await servers.updateOne({ _id: name }, { $currentDate: { chosenAt: true } }, { upsert })
      return chosen.matchedCount + chosen.upsertedCount === 1
    },
    remove: async (name: string): Promise<boolean> => (await servers.deleteOne({ _id: name })).deletedCount === 1,
  }
}

function rowsOf(
  { _id: name, url, sealedApiKey, createdAt, updatedAt }: ServerDocument,
  sealing: Sealing,
): EvolutionServerRow[] {
  if (url === undefined || sealedApiKey === undefined || createdAt === undefined || updatedAt === undefined) return []
  return [{ name, url, apiKey: opened(sealing, sealedApiKey, name), createdAt, updatedAt }]
}

/** One that cannot be opened must not hide the rest. */
function opened(sealing: Sealing, sealedApiKey: string, name: string): string | undefined {
  try {
    return sealing.open(sealedApiKey, placeOf(name))
  } catch (error) {
    if (error instanceof SealingError) return undefined
    throw error
  }
}

function chosenOf(documents: readonly ServerDocument[]): string {
  let chosen: ServerDocument | undefined
  for (const each of documents) {
    if (each.chosenAt !== undefined && (chosen?.chosenAt === undefined || each.chosenAt > chosen.chosenAt))
      chosen = each
  }
  return chosen?._id ?? DEFAULT_EVOLUTION_SERVER
}

function placeOf(id: string) {
  return { collection: 'evolution_servers', id, field: 'apiKey' }
}
