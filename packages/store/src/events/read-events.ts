import type { mongo } from 'mongoose'
import { type EventDocument, type SequencedEvent, sequencedEventOf } from './event-document.ts'

/** One that another instance's event left in its place: how far the page has come. */
type PassedEvent = Readonly<{ seq: number }>

const MAX_MS = 5000

/** No message has as many: each is the end of an attempt, an act of a person, or a receipt. */
const MESSAGE_EVENTS_MAX = 1000

/**
 * The next events of a user, in order, of one instance or of all. `limit` bounds what is looked at: what is of another
 * instance is not sent over, and counts. `last`: as far as it has looked; `isWhole`: there is no more for now.
 */
export async function readPageOf(
  events: mongo.Collection<EventDocument>,
  user: string,
  { after, instance, limit }: Readonly<{ after: number; instance?: string | undefined; limit: number }>,
): Promise<Readonly<{ events: SequencedEvent[]; last: number; isWhole: boolean }>> {
  const isTheirs = { $eq: ['$instance', { $literal: instance }] }
  const found = await events
    .aggregate<EventDocument | PassedEvent>(
      [
        { $match: { user, seq: { $gt: after } } },
        { $sort: { seq: 1 } },
        { $limit: limit },
        ...(instance === undefined ? [] : [{ $replaceWith: { $cond: [isTheirs, '$$ROOT', { seq: '$seq' }] } }]),
      ],
      { readConcern: 'majority', maxTimeMS: MAX_MS, batchSize: limit },
    )
    .toArray()
  return {
    events: found.filter((doc) => '_id' in doc).map(sequencedEventOf),
    last: found.at(-1)?.seq ?? after,
    isWhole: found.length < limit,
  }
}

/** All that is told of a user's message and still kept, in order. */
export async function readOfMessage(
  events: mongo.Collection<EventDocument>,
  user: string,
  messageId: string,
): Promise<SequencedEvent[]> {
  // Its events are found by their ids, which begin with its own: it needs no index of its own.
  const found = await events
    .find(
      { _id: { $gte: `${messageId}:`, $lt: `${messageId};` }, user },
      { readConcern: 'majority', maxTimeMS: MAX_MS },
    )
    .limit(MESSAGE_EVENTS_MAX)
    .toArray()
  return found.map(sequencedEventOf).sort((a, b) => a.seq - b.seq)
}
