import type { MessageStatus } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { MESSAGES_BY } from './ledger-indexes.ts'
import { createdBetween, type ListPlace, type PageRequest, PLACE_PROJECTION, type PlaceDocument } from './list-place.ts'
import type { MessageCollection, MessageDocument } from './message-document.ts'
import { readPage, type Walk } from './read-page.ts'
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

/** A user's messages, newest first. */
export async function listMessages(
  rows: MessageCollection,
  filter: MessageFilter,
  page: PageRequest,
): Promise<MessagePage> {
  const projection = { ...Object.fromEntries(LISTED.map((field) => [field, 1])), ...LAST_OUTCOME }
  const walk = walkOf(filter)
  const { found, next } = await readPage<Omit<ListedMessage, 'id'> & { _id: string }>(rows, walk, page, projection)
  return { data: found.map(({ _id: id, ...shown }) => ({ id, ...shown })), next }
}

/** Only which they are. */
export async function readMessagePlaces(rows: MessageCollection, filter: MessageFilter, page: PageRequest) {
  const { found, next } = await readPage<PlaceDocument>(rows, walkOf(filter), page, PLACE_PROJECTION)
  return { ids: found.map(({ _id }) => _id), next }
}

/** Filters that an index answers; the first that is given leads. */
const LEADING = ['reference', 'batch', 'campaign', 'attention', 'to', 'instance'] as const

function walkOf(filter: MessageFilter): Walk {
  const { user, attention, reference, batch, campaign, to, instance } = filter
  const given = { reference, batch, campaign, attention: attention && 1, to, instance }
  const leading = LEADING.find((name) => given[name] !== undefined)
  const others = LEADING.filter((name) => name !== leading && given[name] !== undefined)
  const looked = Object.fromEntries(others.map((name) => [name, given[name]]))
  return {
    index: MESSAGES_BY[leading ?? 'time'],
    walked: { $and: [{ user, ...(leading && { [leading]: given[leading] }) }, createdBetween(filter)] },
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
