import type { mongo } from 'mongoose'
import { isDuplicateKey } from '../duplicate-key.ts'
import { earlierThan } from '../earlier-than.ts'
import { createGridFs } from './grid-fs.ts'

/** A file that a user uploaded for his messages. */
export type MediaFile = Readonly<{
  id: string
  user: string
  /** Media type, such as image/png. */
  type: string
  /** Bytes. */
  size: number
  /** Hex. */
  sha256: string
  fileName: string
  createdAt: Date
  /** From then on it is as good as gone. */
  expiresAt: Date
}>

export type MediaPlace = Readonly<{ at: number; id: string }>

/**
 * `writing`: its bytes are on their way, and `size` is what they may become. `gone`: nobody sees it any more, and its
 * bytes are being removed. Either is left behind by a process that ends half-way, until it expires.
 */
type MediaDocument = Omit<MediaFile, 'id'> & { _id: string; state: 'writing' | 'ready' | 'gone' }

export const MEDIA_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'newest_first', key: { user: 1, createdAt: -1, _id: -1 } },
  { name: 'over', key: { expiresAt: 1 } },
]

/** Longer than any upload may take. */
const WRITING_MAX_MS = 3_600_000

const ASKED = { maxTimeMS: 5000 }

export type MediaFiles = ReturnType<typeof createMediaFiles>

/** Collection `media`; the bytes are in the GridFS bucket of the same name. */
export function createMediaFiles(db: mongo.Db) {
  const media = db.collection<MediaDocument>('media')
  const bytes = createGridFs(db, 'media')
  const isThere = () => ({ state: 'ready' as const, expiresAt: { $gt: new Date() } })

  const discard = async (id: string): Promise<void> => {
    await bytes.remove(id)
    await media.deleteOne({ _id: id })
  }

  return {
    /**
     * Takes room for a file of so many bytes at most. Of two at once that are too much together both may be refused, and
     * never is more taken than there is. `exists`: the id is taken.
     */
    reserve: async (
      { id, user, bytesMax }: Readonly<{ id: string; user: string; bytesMax: number }>,
      room: Readonly<{ filesMax: number; bytesMax: number }>,
    ): Promise<'reserved' | 'full' | 'exists'> => {
      const createdAt = new Date()
      const expiresAt = new Date(createdAt.getTime() + WRITING_MAX_MS)
      const named = { type: '', sha256: '', fileName: '' }
      try {
        await media.insertOne({ _id: id, user, state: 'writing', size: bytesMax, ...named, createdAt, expiresAt })
      } catch (error) {
        if (isDuplicateKey(error)) return 'exists'
        throw error
      }
      const taken = await takenBy(media, user)
      if (taken.files <= room.filesMax && taken.bytes <= room.bytesMax) return 'reserved'
      await media.deleteOne({ _id: id })
      return 'full'
    },
    /** @throws what `source` throws, or an error of the database: then a chunk may still be on its way */
    write: bytes.write,
    /** Makes it a file of its user. Undefined: its time to be written was over. */
    complete: async (
      id: string,
      facts: Pick<MediaFile, 'type' | 'size' | 'sha256' | 'fileName' | 'expiresAt'>,
    ): Promise<MediaFile | undefined> => {
      const written = await media.findOneAndUpdate(
        { _id: id, state: 'writing' },
        { $set: { ...facts, state: 'ready' } },
        { returnDocument: 'after' },
      )
      return written === null ? undefined : fileOf(written)
    },
    /** Removes one that was not completed. */
    discard,
    find: async (user: string, id: string): Promise<MediaFile | undefined> => {
      const found = await media.findOne({ _id: id, user, ...isThere() }, ASKED)
      return found === null ? undefined : fileOf(found)
    },
    /** Those that are there, which from now on do not expire before `until`. */
    keep: async (user: string, ids: readonly string[], until: Date): Promise<readonly MediaFile[]> => {
      const these = { _id: { $in: [...ids] }, user }
      const sooner = { ...these, state: 'ready' as const, expiresAt: { $gt: new Date(), $lt: until } }
      await media.updateMany(sooner, { $max: { expiresAt: until } }, ASKED)
      return (await media.find({ ...these, ...isThere() }, ASKED).toArray()).map(fileOf)
    },
    /** Newest first. */
    list: async (
      user: string,
      { after, limit }: Readonly<{ after?: MediaPlace | undefined; limit: number }>,
    ): Promise<Readonly<{ data: MediaFile[]; next: MediaPlace | undefined }>> => {
      const found = await media
        .find({ user, ...isThere(), ...(after && earlierThan('createdAt', after)) }, ASKED)
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(fileOf)
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { at: last.createdAt.getTime(), id: last.id } }
    },
    /** False when the user has no such file. */
    remove: async (user: string, id: string): Promise<boolean> => {
      const mine = { _id: id, user, ...isThere() }
      const { modifiedCount } = await media.updateOne(mine, { $set: { state: 'gone', expiresAt: new Date() } }, ASKED)
      if (modifiedCount === 0) return false
      // Nobody sees it any more, so what is left now the sweep removes.
      await discard(id).catch(() => {})
      return true
    },
    /** From the first byte to the last, a piece at a time. @throws when they are not all there */
    read: ({ id, size }: Pick<MediaFile, 'id' | 'size'>): AsyncIterable<Buffer> => bytes.read(id, size),
    /** Removes what has expired, up to `max` at once, and tells how many. Two at once do no harm. */
    sweep: async (max: number): Promise<number> => {
      const over = { expiresAt: { $lte: new Date() } }
      const found = await media
        .find(over, { projection: { _id: 1 }, ...ASKED })
        .sort({ expiresAt: 1 })
        .limit(max)
        .toArray()
      let removed = 0
      for (const { _id } of found) {
        // It may have been kept for longer since.
        const marked = await media.updateOne({ _id, ...over }, { $set: { state: 'gone' } })
        if (marked.matchedCount === 0) continue
        await discard(_id)
        removed += 1
      }
      return removed
    },
  }
}

async function takenBy(
  media: mongo.Collection<MediaDocument>,
  user: string,
): Promise<Readonly<{ files: number; bytes: number }>> {
  const sums = { $group: { _id: null, files: { $sum: 1 }, bytes: { $sum: '$size' } } }
  const [sum] = await media.aggregate<{ files: number; bytes: number }>([{ $match: { user } }, sums], ASKED).toArray()
  return sum ?? { files: 0, bytes: 0 }
}

function fileOf({ _id, state: _state, ...rest }: MediaDocument): MediaFile {
  return { ...rest, id: _id }
}
