import type { UndecodableReason } from '@whatsapp-sender/contract'
import { mongo } from 'mongoose'
import { ignoreDuplicateKeys } from './duplicate-key.ts'

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
  { name: 'newest', key: { at: -1 } },
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
  }
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
