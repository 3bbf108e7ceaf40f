/**
 * What is kept of a person in the rows of messages, found by user and number, for which there is an index; and how it is
 * taken out. The row itself stays until its time is over: it is what keeps a record that is read again from being sent
 * again, and what stands for its idempotency key.
 */
import { OPEN_STATUSES } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { twice } from './claim-messages.ts'
import { MESSAGES_BY } from './ledger-indexes.ts'
import { type MessageCollection, type MessageDocument, messageRowOf } from './message-document.ts'
import type { MessageRow } from './message-row.ts'

/**
 * Messages of a user to any of these numbers. What was accepted later is another matter, but for what a campaign made of its
 * rows until `fedUntil`.
 */
export type MessagesTo = Readonly<{
  user: string
  numbers: readonly string[]
  acceptedUntil: Date
  fedUntil?: Date | undefined
}>

const ROWS_AT_ONCE = 50
const COUNTED_MAX = 1000

/** The next user, by id, who has rows. */
export async function nextUserWithRows(rows: MessageCollection, after: string): Promise<string | undefined> {
  const [next] = await rows
    .find<Pick<MessageDocument, 'user'>>({ user: { $gt: after } }, { projection: { _id: 0, user: 1 } })
    .hint(MESSAGES_BY.time)
    .sort({ user: 1 })
    .limit(1)
    .toArray()
  return next?.user
}

/** One by one, the newest first. */
export async function* rowsTo(
  rows: MessageCollection,
  { user, numbers, acceptedUntil }: MessagesTo,
): AsyncGenerator<MessageRow> {
  for (const to of numbers) {
    const found = rows
      .find({ user, to, acceptedAt: { $lte: acceptedUntil } }, { batchSize: ROWS_AT_ONCE })
      .hint(MESSAGES_BY.to)
      .sort({ createdAt: -1, _id: -1 })
    for await (const doc of found) yield messageRowOf(doc)
  }
}

/**
 * From now on nothing is told of these rows and no answer moves them. Only those that have ended, and whose events are all
 * among the events: what is copied later would bring the number there again. Answers how many are left for another time.
 */
export async function closeRowsTo(rows: MessageCollection, which: MessagesTo): Promise<number> {
  const still = { ...filterOf(which), erased: { $exists: false } }
  await twice(() =>
    rows.updateMany(
      { ...still, status: { $nin: [...OPEN_STATUSES] }, outbox: { $exists: false } },
      {
        $currentDate: { erased: true },
        $unset: { feed: 1, claim: 1, attention: 1, askAt: 1, asked: 1, stuck: 1, providerIds: 1 },
      },
      { hint: MESSAGES_BY.to },
    ),
  )
  return await rows.countDocuments(still, { hint: MESSAGES_BY.to, limit: COUNTED_MAX })
}

/** Ids of rows that are closed and not empty yet. */
export async function closedRowsTo(rows: MessageCollection, which: MessagesTo, limit: number): Promise<string[]> {
  const found = await rows
    .find({ ...filterOf(which), erased: { $exists: true } }, { projection: { _id: 1 } })
    .hint(MESSAGES_BY.to)
    .limit(limit)
    .toArray()
  return found.map(({ _id }) => _id)
}

/** The hash of the body goes too: of a short text it would tell the number to whoever tries them all. */
export async function emptyRows(rows: MessageCollection, ids: readonly string[]): Promise<void> {
  const which = { _id: { $in: [...ids] }, erased: { $exists: true } }
  const empty = { to: '', content: { $literal: {} }, attempts: [], bodyHash: '' }
  const gone = Object.fromEntries(PERSONAL.map((field) => [field, '$$REMOVE'] as const))
  await twice(() => rows.updateMany(which, [{ $set: { ...empty, ...gone } }]))
}

const PERSONAL = [
  'reference',
  'metadata',
  'labels',
  'reason',
  'conflicts',
  'actions',
  'providerIds',
  'providerMessageId',
  'resolvedTo',
  'traceparent',
] as const satisfies readonly (keyof MessageDocument)[]

function filterOf({ user, numbers, acceptedUntil, fedUntil }: MessagesTo): mongo.Filter<MessageDocument> {
  const to = { user, to: { $in: [...numbers] } }
  const accepted = { acceptedAt: { $lte: acceptedUntil } }
  if (fedUntil === undefined) return { ...to, ...accepted }
  return { ...to, $or: [accepted, { campaign: { $exists: true }, acceptedAt: { $lte: fedUntil } }] }
}
