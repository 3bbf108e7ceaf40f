import type { mongo } from 'mongoose'
import { chunksOf } from '../chunks-of.ts'
import { createAppendEvents } from './append-events.ts'
import { type EventDocument, type SequencedEvent, sequencedEventOf } from './event-document.ts'
import { readOfMessage, readPageOf } from './read-events.ts'

type PositionDocument = { _id: string; seq: number; at: Date }

/** The reader that makes deliveries to webhooks of events. */
export const WEBHOOK_READER = 'webhooks'

/** Where the sequence itself stands: what it has given away is not given again when all events are gone. */
const HEAD = 'head'

/** Ranges of ids that one update is asked for. */
const ERASED_AT_ONCE = 50

/** Collection `events`: what became of messages, for a week; and how far each named reader has read. */
export type Events = ReturnType<typeof createEvents>

export function createEvents(db: mongo.Db) {
  const events = db.collection<EventDocument>('events')
  const positions = db.collection<PositionDocument>('event_positions')

  const newest = async (readConcern: 'local' | 'majority'): Promise<number> => {
    const last = await events.findOne({}, { sort: { seq: -1 }, projection: { seq: 1 }, readConcern })
    if (last !== null) return last.seq
    const furthest = await positions.findOne({}, { sort: { seq: -1 }, readConcern })
    return furthest?.seq ?? 0
  }
  const advance = async (reader: string, seq: number): Promise<void> => {
    await positions.updateOne({ _id: reader }, { $max: { seq }, $currentDate: { at: true } }, { upsert: true })
  }

  return {
    append: createAppendEvents(events, () => newest('local')),
    /** Keeps the last place, for a time when no event is left to tell it. */
    noteHead: (seq: number) => advance(HEAD, seq),
    /** The place of the newest event; 0 when there never was one. */
    head: () => newest('majority'),
    /** In order. Fewer than `limit` means that there are no more for now; nothing will ever appear before what it shows. */
    readAfter: async (
      seq: number,
      { limit, users }: Readonly<{ limit: number; users?: readonly string[] | undefined }>,
    ): Promise<SequencedEvent[]> => {
      const filter = { ...(users !== undefined && { user: { $in: [...users] } }), seq: { $gt: seq } }
      const found = await events
        .find(filter, { readConcern: 'majority', batchSize: limit })
        .sort({ seq: 1 })
        .limit(limit)
        .toArray()
      return found.map(sequencedEventOf)
    },
    readPageOf: (user: string, page: Parameters<typeof readPageOf>[2]) => readPageOf(events, user, page),
    /** They keep their places and say nothing of the recipient any more. */
    erase: async (messageIds: readonly string[]): Promise<void> => {
      for (const some of chunksOf(messageIds, ERASED_AT_ONCE)) {
        await events.updateMany({ $or: some.map((id) => ({ _id: { $gte: `${id}:`, $lt: `${id};` } })) }, [
          {
            $set: {
              to: '',
              reference: '$$REMOVE',
              metadata: '$$REMOVE',
              reason: '$$REMOVE',
              providerMessageId: '$$REMOVE',
            },
          },
        ])
      }
    },
    readOfMessage: (user: string, messageId: string) => readOfMessage(events, user, messageId),
    /** How far this reader has read; 0 for one that never has. */
    position: async (reader: string): Promise<number> => {
      const found = await positions.findOne({ _id: reader }, { readConcern: 'majority' })
      return found?.seq ?? 0
    },
    /** This reader is done with everything up to `seq`. It never goes back. */
    advance,
  }
}
