import type { UndecodableReason } from '@whatsapp-sender/contract'
import { mongo } from 'mongoose'
import { ignoreDuplicateKeys } from './duplicate-key.ts'
import { earlierThan } from './earlier-than.ts'

type HeaderValue = Buffer | string | readonly (Buffer | string)[] | undefined

/** A record that cannot become a row, kept as it came, with its place in the topic. */
export type UndecodableRecord = Readonly<{
  topic: string
  partition: number
  offset: bigint
  key: Buffer | null
  value: Buffer | null
  headers: Readonly<Record<string, HeaderValue>>
  reason: UndecodableReason
  detail: string
}>

/** One that is kept. `id` holds its place in the topic and can be part of a path. */
export type KeptUndecodable = Readonly<
  Omit<UndecodableRecord, 'headers'> & {
    id: string
    headers: readonly Readonly<{ name: string; value: Buffer }>[]
    at: Date
  }
>

export type UndecodablePlace = Readonly<{ at: number; id: string }>

/** Without key, value and headers; `bytes` is the length of the value. */
export type UndecodableEntry = Omit<KeptUndecodable, 'key' | 'value' | 'headers'> & Readonly<{ bytes: number }>

export type UndecodablePage = Readonly<{ data: UndecodableEntry[]; next: UndecodablePlace | undefined }>

type UndecodableDocument = {
  _id: string
  topic: string
  partition: number
  offset: mongo.Long
  key: mongo.Binary | null
  value: mongo.Binary | null
  headers: { name: string; value: mongo.Binary }[]
  reason: UndecodableReason
  detail: string
  at: Date
  expireAt: Date
}

const DAY_MS = 86_400_000

export const UNDECODABLE_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'newest_first', key: { at: -1, _id: -1 } },
  { name: 'retention', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export type Undecodable = ReturnType<typeof createUndecodable>

/** Collection `undecodable`: holds original bytes, so only an administrator may see it. */
export function createUndecodable(db: mongo.Db, { retentionDays }: Readonly<{ retentionDays: number }>) {
  const records = db.collection<UndecodableDocument>('undecodable')
  return {
    /** Repeating it is safe. Throws when it is not certain that all are kept. */
    insert: async (undecodable: readonly UndecodableRecord[]): Promise<void> => {
      if (undecodable.length === 0) return
      const at = new Date()
      const expireAt = new Date(at.getTime() + retentionDays * DAY_MS)
      const documents = undecodable.map((record) => documentOf(record, at, expireAt))
      await records.insertMany(documents, { ordered: false }).catch(ignoreDuplicateKeys)
    },
    /** Newest first. What comes meanwhile does not move a page. */
    list: async ({
      after,
      limit,
    }: Readonly<{ after?: UndecodablePlace | undefined; limit: number }>): Promise<UndecodablePage> => {
      const bytes = { $ifNull: [{ $binarySize: '$value' }, 0] }
      const found = await records
        .find<Omit<UndecodableDocument, 'key' | 'value' | 'headers'> & { bytes: number }>(
          after === undefined ? {} : earlierThan('at', { ...after, id: documentIdOf(after.id) }),
          { projection: { topic: 1, partition: 1, offset: 1, reason: 1, detail: 1, at: 1, bytes }, ...ASKED },
        )
        .sort({ at: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(({ _id, offset, expireAt: _gone, ...rest }) => ({
        ...rest,
        id: idOf(_id),
        offset: offsetOf(offset),
      }))
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { at: last.at.getTime(), id: last.id } }
    },
    find: async (id: string): Promise<KeptUndecodable | undefined> => {
      const found = await records.findOne({ _id: documentIdOf(id) }, ASKED)
      return found === null ? undefined : keptOf(found)
    },
    /** False when it is not there. */
    remove: async (id: string): Promise<boolean> =>
      (await records.deleteOne({ _id: documentIdOf(id) }, ASKED)).deletedCount === 1,
  }
}

const ASKED = { maxTimeMS: 5000 }

/** No topic's name has a colon, and no slash of an id should end a part of a path. */
function idOf(documentId: string): string {
  return documentId.replaceAll('/', ':')
}

function documentIdOf(id: string): string {
  return id.replaceAll(':', '/')
}

function offsetOf(offset: mongo.Long): bigint {
  return BigInt(offset.toString())
}

function keptOf({ _id, offset, key, value, headers, expireAt: _gone, ...rest }: UndecodableDocument): KeptUndecodable {
  return {
    ...rest,
    id: idOf(_id),
    offset: offsetOf(offset),
    key: key && bytesOf(key),
    value: value && bytesOf(value),
    headers: headers.map(({ name, value: header }) => ({ name, value: bytesOf(header) })),
  }
}

function bytesOf(binary: mongo.Binary): Buffer {
  return Buffer.from(binary.value())
}

function documentOf(record: UndecodableRecord, at: Date, expireAt: Date): UndecodableDocument {
  const { topic, partition, offset, key, value, headers, reason, detail } = record
  return {
    _id: `${topic}/${partition}/${offset}`,
    topic,
    partition,
    offset: mongo.Long.fromBigInt(offset),
    key: key && new mongo.Binary(key),
    value: value && new mongo.Binary(value),
    headers: headerList(headers),
    reason,
    detail,
    at,
    expireAt,
  }
}

/** A list, because a header's name may hold what a field's name may not. */
function headerList(headers: UndecodableRecord['headers']): UndecodableDocument['headers'] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each) => ({ name, value: new mongo.Binary(Buffer.from(each)) })),
  )
}
