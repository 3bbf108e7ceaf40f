/**
 * Events get their place in one sequence, so that a reader who has seen place 7 never has to look below it again.
 *
 * Whoever appends takes the place after the last one, in ordered writes that a majority has acknowledged before the next.
 * So place n + 1 is written only when place n is there, and two that append at once are told apart by the unique index:
 * the loser looks for the end anew. A majority read therefore shows the sequence up to some place and nothing beyond,
 * whoever appends, and however long a write was on its way. Nobody needs to be the only one for that to be true.
 */
import { mongo } from 'mongoose'
import type { EventDocument, EventDraft } from './event-document.ts'

/**
 * Appends those that are not there yet, in this order, and answers the last place then. `now`: the store's clock.
 * Repeating it is safe.
 */
export type AppendEvents = (drafts: readonly EventDraft[], now: Date) => Promise<number>

const DUPLICATE_KEY = 11_000

export function createAppendEvents(
  events: mongo.Collection<EventDocument>,
  /** The last place that was ever taken, as the database has it. */
  lastPlace: () => Promise<number>,
): AppendEvents {
  return async (drafts, now) => {
    let rest = drafts
    let last = await lastPlace()
    while (rest.length > 0) {
      const failure = await insert(events, rest, { last, now })
      if (failure === undefined) return last + rest.length
      rest = rest.slice(failure.index)
      if (failure.isKnown) rest = await unknownOf(events, rest)
      last = await lastPlace()
    }
    return last
  }
}

/** Undefined when all are written; otherwise the first that is not, and whether the event itself is there already. */
async function insert(
  events: mongo.Collection<EventDocument>,
  drafts: readonly EventDraft[],
  { last, now }: Readonly<{ last: number; now: Date }>,
): Promise<{ index: number; isKnown: boolean } | undefined> {
  try {
    await events.insertMany(
      drafts.map((draft, at) => ({ ...draft, seq: last + 1 + at, storedAt: now })),
      { ordered: true },
    )
    return undefined
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error
    const [first] = [error.writeErrors].flat()
    if (first?.code !== DUPLICATE_KEY || error.result.getWriteConcernError() !== undefined) throw error
    return { index: first.index, isKnown: first.errmsg?.includes('index: _id_') === true }
  }
}

async function unknownOf(
  events: mongo.Collection<EventDocument>,
  drafts: readonly EventDraft[],
): Promise<EventDraft[]> {
  const ids = drafts.map(({ _id }) => _id)
  const known = await events.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray()
  const found = new Set(known.map(({ _id }) => _id))
  return drafts.filter(({ _id }) => !found.has(_id))
}
