import type { mongo } from 'mongoose'
import { earlierThan } from '../earlier-than.ts'
import {
  createdBetween,
  type ListPlace,
  NEWEST_FIRST,
  type PageRequest,
  PLACE_PROJECTION,
  type PlaceDocument,
  placeOf,
} from './list-place.ts'
import { type MessageCollection, type MessageDocument, messageRowOf } from './message-document.ts'
import type { MessageRow } from './message-row.ts'
import { ASKED_MAX_MS } from './user-action.ts'

/** Which dead letters; all that is given must hold. `since` and `until`: when the message came into the ledger. */
export type DeadLetterFilter = Readonly<{
  user?: string | undefined
  instance?: string | undefined
  status?: DeadLetterStatus | undefined
  to?: string | undefined
  /** The code of the reason. */
  reason?: string | undefined
  since?: Date | undefined
  /** Not included. */
  until?: Date | undefined
  /** When the API took it. */
  acceptedUntil?: Date | undefined
}>

export type DeadLetterStatus = 'failed' | 'dead-lettered' | 'unknown'

export type DeadLetterPage = Readonly<{ data: MessageRow[]; next: ListPlace | undefined }>

/** What ended and asks for somebody's attention, newest first. */
export async function listDeadLetters(
  rows: MessageCollection,
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<DeadLetterPage> {
  const { found, next } = await readPage<MessageDocument>(rows, filter, page, {})
  return { data: found.map(messageRowOf), next }
}

/** Only which they are. */
export async function readPlaces(rows: MessageCollection, filter: DeadLetterFilter, page: PageRequest) {
  const { found, next } = await readPage<PlaceDocument>(rows, filter, page, PLACE_PROJECTION)
  return { ids: found.map(({ _id }) => _id), next }
}

async function readPage<T extends PlaceDocument>(
  rows: MessageCollection,
  filter: DeadLetterFilter,
  { after, limit }: PageRequest,
  projection: mongo.Document,
) {
  const query = after === undefined ? [] : [earlierThan('createdAt', after)]
  const found = await rows
    .find<T>({ $and: [deadLettersMatching(filter), ...query] }, { projection, maxTimeMS: ASKED_MAX_MS })
    .sort(NEWEST_FIRST)
    .limit(limit + 1)
    .toArray()
  const last = found.length > limit ? found[limit - 1] : undefined
  return { found: found.slice(0, limit), next: last && placeOf(last) }
}

export function deadLettersMatching(filter: DeadLetterFilter): mongo.Filter<MessageDocument> {
  const { user, instance, status, to, reason, since, until, acceptedUntil } = filter
  return {
    attention: 1,
    ...(user !== undefined && { user }),
    ...(instance !== undefined && { instance }),
    ...(status !== undefined && { status }),
    ...(to !== undefined && { to }),
    ...(reason !== undefined && { 'reason.code': reason }),
    ...(acceptedUntil !== undefined && { acceptedAt: { $lte: acceptedUntil } }),
    ...createdBetween({ since, until }),
  }
}
