import type { mongo } from 'mongoose'
import { DEAD_LETTERS, MESSAGES_BY } from './ledger-indexes.ts'
import { createdBetween, type ListPlace, type PageRequest, PLACE_PROJECTION, type PlaceDocument } from './list-place.ts'
import { type MessageCollection, type MessageDocument, messageRowOf } from './message-document.ts'
import type { MessageRow } from './message-row.ts'
import { readPage, type Walk } from './read-page.ts'

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

/** What ended and asks for somebody's attention, newest first; of what has to be looked for, a page may come short. */
export async function listDeadLetters(
  rows: MessageCollection,
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<DeadLetterPage> {
  const { found, next } = await readPage<MessageDocument>(rows, walkOf(filter), page, {})
  return { data: found.map(messageRowOf), next }
}

/** Only which they are. */
export async function readPlaces(rows: MessageCollection, filter: DeadLetterFilter, page: PageRequest) {
  const { found, next } = await readPage<PlaceDocument>(rows, walkOf(filter), page, PLACE_PROJECTION)
  return { ids: found.map(({ _id }) => _id), next }
}

/** A user's have an index of their own. What else is asked for is looked for. */
function walkOf({ user, since, until, ...others }: DeadLetterFilter): Walk {
  return {
    index: user === undefined ? DEAD_LETTERS : MESSAGES_BY.attention,
    walked: { $and: [{ attention: 1, ...(user !== undefined && { user }) }, createdBetween({ since, until })] },
    looked: seenInRows(others),
  }
}

export function deadLettersMatching({
  user,
  since,
  until,
  ...others
}: DeadLetterFilter): mongo.Filter<MessageDocument> {
  return {
    attention: 1,
    ...(user !== undefined && { user }),
    ...seenInRows(others),
    ...createdBetween({ since, until }),
  }
}

/** What no index answers. */
function seenInRows({
  instance,
  status,
  to,
  reason,
  acceptedUntil,
}: Omit<DeadLetterFilter, 'user' | 'since' | 'until'>): mongo.Filter<MessageDocument> {
  return {
    ...(instance !== undefined && { instance }),
    ...(status !== undefined && { status }),
    ...(to !== undefined && { to }),
    ...(reason !== undefined && { 'reason.code': reason }),
    ...(acceptedUntil !== undefined && { acceptedAt: { $lte: acceptedUntil } }),
  }
}
