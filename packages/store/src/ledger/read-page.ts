/**
 * A page of a list of messages, newest first. One filter leads: an index is walked that has it in front, in the order of
 * the list, and what it finds is on the page. Any other filter can only be looked at in the rows themselves, so then a
 * page reads a bounded number of rows: it may come short, and its place is where the next one goes on.
 */
import type { mongo } from 'mongoose'
import {
  type ListPlace,
  NEWEST_FIRST,
  type PageRequest,
  PLACE_PROJECTION,
  type PlaceDocument,
  placeOf,
  stretchOf,
} from './list-place.ts'
import type { MessageCollection, MessageDocument } from './message-document.ts'
import { ASKED_MAX_MS } from './user-action.ts'

/** Which index leads, what of a filter it answers, and what is left to look at. */
export type Walk = Readonly<{
  index: string
  walked: mongo.Filter<MessageDocument>
  looked: mongo.Filter<MessageDocument>
}>

/** Rows that a page reads at most, when it has to look at rows. */
export const SCANNED_ROWS_MAX = 5000

/** `next`: undefined when that was all. */
export async function readPage<T extends PlaceDocument>(
  rows: MessageCollection,
  { index, walked, looked }: Walk,
  { after, limit }: PageRequest,
  projection: mongo.Document,
): Promise<Readonly<{ found: T[]; next: ListPlace | undefined }>> {
  const end = Object.keys(looked).length === 0 ? undefined : await endOfScan(rows, within(walked, { after }), index)
  const found = await rows
    .find<T>(within({ $and: [walked, looked] }, { after, end }), { projection, maxTimeMS: ASKED_MAX_MS })
    .hint(index)
    .sort(NEWEST_FIRST)
    .limit(limit + 1)
    .toArray()
  const last = found.length > limit ? found[limit - 1] : undefined
  return { found: found.slice(0, limit), next: last === undefined ? end : placeOf(last) }
}

/** The part of what matches that lies in a stretch of the list, said so that an index is read from there and no further. */
function within(
  matching: mongo.Filter<MessageDocument>,
  stretch: Parameters<typeof stretchOf>[0],
): mongo.Filter<MessageDocument> {
  return { $or: stretchOf(stretch).map((part) => ({ $and: [matching, part] })) }
}

/**
 * The last place that this page may look at; undefined when so many are not left. Read from the index alone, but for one
 * that holds only some rows: there MongoDB looks at each row once more to see that it is one of them.
 */
async function endOfScan(
  rows: MessageCollection,
  way: mongo.Filter<MessageDocument>,
  index: string,
): Promise<ListPlace | undefined> {
  const [last] = await rows
    .find<PlaceDocument>(way, { projection: PLACE_PROJECTION, maxTimeMS: ASKED_MAX_MS })
    .hint(index)
    .sort(NEWEST_FIRST)
    .skip(SCANNED_ROWS_MAX - 1)
    .limit(1)
    .toArray()
  return last && placeOf(last)
}
