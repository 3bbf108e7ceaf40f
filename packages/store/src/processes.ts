import type { mongo } from 'mongoose'

type ProcessDocument = {
  _id: string
  beat: number
  at: Date
  expireAt: Date
} & ProcessFacts

/**
 * What a consumer tells with its heartbeat. `due`: messages that only lack a free slot. `evolutionDown`: names of the
 * Evolution servers that send nothing.
 */
export type ProcessFacts = {
  due: number
  /** Requests it may have open at one Evolution server. */
  inFlightLimit?: number
  evolutionDown: readonly string[]
  recent?: RecentCounts
  /** Of the topic of messages, ascending: whose instances it sends for. */
  partitions?: readonly number[]
}

/** Messages of the last five minutes: taken into the ledger, sent, and ended without having been sent for certain. */
export type RecentCounts = Readonly<{ accepted: number; sent: number; failed: number }>

/** A consumer whose heartbeat is fresh, with what it told last. */
export type LivingProcess = Readonly<{ id: string; at: Date } & ProcessFacts>

/** Last seen heartbeat of one process. `beat` only ever rises; whether it still does is judged by an observer's own clock. */
export type ProcessBeat = Readonly<{ id: string; beat: number }>

const KEPT_SECONDS = 3600
const LIVING_MS = 20_000
const LIVING = { $expr: { $gt: ['$at', { $subtract: ['$$NOW', LIVING_MS] }] } }

export const PROCESS_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'gone', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

/** Collection `processes`: one heartbeat document per running consumer. It is the lease of every row that process claims. */
export type Processes = ReturnType<typeof createProcesses>

export function createProcesses(db: mongo.Db) {
  const processes = db.collection<ProcessDocument>('processes')
  return {
    /** Renews the lease and answers the database's time, ms since the epoch. */
    beat: async (id: string, facts: ProcessFacts): Promise<number> => {
      const update = [
        {
          $set: {
            beat: { $add: [{ $ifNull: ['$beat', 0] }, 1] },
            at: '$$NOW',
            ...facts,
            expireAt: { $add: ['$$NOW', KEPT_SECONDS * 1000] },
          },
        },
      ]
      const after = await processes.findOneAndUpdate({ _id: id }, update, {
        upsert: true,
        returnDocument: 'after',
      })
      if (after === null) throw new Error('heartbeat was not written')
      return after.at.getTime()
    },
    all: async (): Promise<ProcessBeat[]> => {
      const found = await processes.find({}, { projection: { beat: 1 }, readConcern: 'majority' }).toArray()
      return found.map(({ _id, beat }) => ({ id: _id, beat }))
    },
    living: async (): Promise<LivingProcess[]> => {
      const found = await processes.find(LIVING, { maxTimeMS: 5000 }).sort({ _id: 1 }).toArray()
      return found.map(({ _id, at, due, inFlightLimit, evolutionDown, recent, partitions }) => ({
        id: _id,
        at,
        due,
        ...(inFlightLimit !== undefined && { inFlightLimit }),
        evolutionDown,
        ...(recent && { recent }),
        ...(partitions && { partitions }),
      }))
    },
    /** Evolution servers that send nothing, as consumers that live say. */
    evolutionDown: async (): Promise<ReadonlySet<string>> => {
      const found = processes.find({ 'evolutionDown.0': { $exists: true }, ...LIVING })
      return new Set(
        (await found.project<Pick<ProcessDocument, 'evolutionDown'>>({ evolutionDown: 1 }).toArray()).flatMap(
          ({ evolutionDown }) => evolutionDown,
        ),
      )
    },
    /** After a clean stop: this process holds nothing any more. */
    remove: async (id: string): Promise<void> => {
      await processes.deleteOne({ _id: id })
    },
  }
}
