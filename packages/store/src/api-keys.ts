import type { Scope } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { earlierThan } from './earlier-than.ts'

/** What a program calls the API with in the name of a user. Of the key itself only a hash is kept. */
export type ApiKey = Readonly<{
  id: string
  user: string
  name: string
  hash: string
  scopes: readonly Scope[]
  /** Names of the instances it is limited to; undefined: all of its user's. */
  instances?: readonly string[]
  createdAt: Date
  expiresAt?: Date
  /** Within a minute or so. */
  lastUsedAt?: Date
}>

export type NewApiKey = Readonly<Omit<ApiKey, 'createdAt' | 'lastUsedAt'>>

export type ApiKeyPlace = Readonly<{ at: number; id: string }>

type ApiKeyDocument = Omit<ApiKey, 'id'> & { _id: string }

/** One that is over is still listed, for those who wonder why it stopped to work. */
const EXPIRED_KEPT_SECONDS = 30 * 86_400

export const API_KEY_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'newest_first', key: { user: 1, createdAt: -1, _id: -1 } },
  { name: 'expired', key: { expiresAt: 1 }, expireAfterSeconds: EXPIRED_KEPT_SECONDS },
]

export type ApiKeys = ReturnType<typeof createApiKeys>

/** Collection `api_keys`. */
export function createApiKeys(db: mongo.Db) {
  const keys = db.collection<ApiKeyDocument>('api_keys')
  return {
    create: async ({ id, ...rest }: NewApiKey): Promise<ApiKey> => {
      const document = { _id: id, ...rest, createdAt: new Date() }
      await keys.insertOne(document)
      return keyOf(document)
    },
    countOf: (user: string): Promise<number> => keys.countDocuments({ user }, ASKED),
    findById: async (id: string): Promise<ApiKey | undefined> => {
      const found = await keys.findOne({ _id: id }, ASKED)
      return found === null ? undefined : keyOf(found)
    },
    /** Newest first. */
    listOf: async (
      user: string,
      { after, limit }: Readonly<{ after?: ApiKeyPlace | undefined; limit: number }>,
    ): Promise<{ data: ApiKey[]; next: ApiKeyPlace | undefined }> => {
      const found = await keys
        .find({ user, ...(after && earlierThan('createdAt', after)) }, ASKED)
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(keyOf)
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { at: last.createdAt.getTime(), id: last.id } }
    },
    /** False when the user has no such key. */
    remove: async (user: string, id: string): Promise<boolean> =>
      (await keys.deleteOne({ _id: id, user })).deletedCount === 1,
    /** A time never goes back, whichever process tells it first. */
    markUsed: async (uses: Iterable<readonly [id: string, at: Date]>): Promise<void> => {
      const updates = Array.from(uses, ([_id, at]) => ({
        updateOne: { filter: { _id }, update: { $max: { lastUsedAt: at } } },
      }))
      if (updates.length > 0) await keys.bulkWrite(updates, { ordered: false })
    },
  }
}

const ASKED = { maxTimeMS: 5000 }

function keyOf({ _id, ...rest }: ApiKeyDocument): ApiKey {
  return { ...rest, id: _id }
}
