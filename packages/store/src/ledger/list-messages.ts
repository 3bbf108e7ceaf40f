/**
 * A user's messages, newest first. One filter leads: an index is walked that has it in front, in the order of the list,
 * and what it finds is on the page. Any other filter can only be looked at in the rows themselves, so then a page reads
 * a bounded number of rows: it may come short, and its place is where the next one goes on.
 */
import type { MessageStatus } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { MESSAGES_BY } from './ledger-indexes.ts'
import {
  createdBetween,
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
import { LAST_OUTCOME, type WaitingRow } from './waiting-messages.ts'

/** Which messages of whom; all that is given must hold. `since` and `until`: when the message came into the ledger. */
export type MessageFilter = Readonly<{
  user: string
  reference?: string | undefined
  batch?: string | undefined
  campaign?: string | undefined
  /** What asks for a person: failed, dead-lettered or unknown, and not discarded. */
  attention?: true | undefined
  to?: string | undefined
  instance?: string | undefined
  /** What the caller's own facts hold, word for word. */
  metadata?: Readonly<Record<string, string>> | undefined
  statuses?: readonly MessageStatus[] | undefined
  since?: Date | undefined
  /** Not included. */
  until?: Date | undefined
  /** When the API took it. */
  acceptedUntil?: Date | undefined
}>

const LISTED = [
  'instance',
  'instanceId',
  'to',
  'type',
  'status',
  'reason',
  'stuck',
  'priority',
  'batch',
  'campaign',
  'reference',
  'metadata',
  'attemptsCount',
  'held',
  'nextAttemptAt',
  'providerMessageId',
  'acceptedAt',
  'createdAt',
  'sendAt',
  'expiresAt',
  'sentAt',
  'deliveredAt',
  'readAt',
  'playedAt',
  'failedAt',
  'erased',
  'redacted',
] as const satisfies readonly (keyof MessageDocument)[]

/** A message as a list shows it: without its content and its attempts. */
export type ListedMessage = Readonly<{ id: string } & Pick<MessageDocument, (typeof LISTED)[number]>> &
  Pick<WaitingRow, 'lastOutcome'>

export type MessagePage = Readonly<{ data: ListedMessage[]; next: ListPlace | undefined }>

/** Rows that a page reads at most, when it has to look at rows. */
export const SCANNED_ROWS_MAX = 5000

export async function listMessages(
  rows: MessageCollection,
  filter: MessageFilter,
  page: PageRequest,
): Promise<MessagePage> {
  const projection = { ...Object.fromEntries(LISTED.map((field) => [field, 1])), ...LAST_OUTCOME }
  const { found, next } = await readPage<Omit<ListedMessage, 'id'> & { _id: string }>(rows, filter, page, projection)
  return { data: found.map(({ _id: id, ...shown }) => ({ id, ...shown })), next }
}

/** Only which they are. */
export async function readMessagePlaces(rows: MessageCollection, filter: MessageFilter, page: PageRequest) {
  const { found, next } = await readPage<PlaceDocument>(rows, filter, page, PLACE_PROJECTION)
  return { ids: found.map(({ _id }) => _id), next }
}

async function readPage<T extends PlaceDocument>(
  rows: MessageCollection,
  filter: MessageFilter,
  { after, limit }: PageRequest,
  projection: mongo.Document,
) {
  const { index, walked, looked } = walkOf(filter)
  const way = { $and: [walked, createdBetween(filter)] }
  const end = Object.keys(looked).length === 0 ? undefined : await endOfScan(rows, within(way, { after }), index)
  const wanted = within({ $and: [walked, createdBetween(filter), looked] }, { after, end })
  const found = await rows
    .find<T>(wanted, { projection, maxTimeMS: ASKED_MAX_MS })
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

/** Filters that an index answers; the first that is given leads. */
const LEADING = ['reference', 'batch', 'campaign', 'attention', 'to', 'instance'] as const

/** Which index leads, what of the filter it answers, and what is left to look at. */
function walkOf(filter: MessageFilter): Readonly<{
  index: string
  walked: mongo.Filter<MessageDocument>
  looked: mongo.Filter<MessageDocument>
}> {
  const { user, attention, reference, batch, campaign, to, instance } = filter
  const given = { reference, batch, campaign, attention: attention && 1, to, instance }
  const leading = LEADING.find((name) => given[name] !== undefined)
  const others = LEADING.filter((name) => name !== leading && given[name] !== undefined)
  const looked = Object.fromEntries(others.map((name) => [name, given[name]]))
  return {
    index: MESSAGES_BY[leading ?? 'time'],
    walked: { user, ...(leading && { [leading]: given[leading] }) },
    looked: { ...looked, ...seenInRows(filter) },
  }
}

/** What no index answers. */
function seenInRows({ statuses, acceptedUntil, metadata = {} }: MessageFilter): mongo.Filter<MessageDocument> {
  return {
    ...(statuses && { status: { $in: [...statuses] } }),
    ...(acceptedUntil && { acceptedAt: { $lte: acceptedUntil } }),
    ...Object.fromEntries(Object.entries(metadata).map(([name, text]) => [`metadata.${name}`, text])),
  }
}

/** The last place that this page may look at; undefined when so many are not left. Read from the index alone. */
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
