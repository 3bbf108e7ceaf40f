import { sourcesOf } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { twice } from './claim-messages.ts'
import type { MessagesTo } from './erase-messages.ts'
import { MESSAGES_BY } from './ledger-indexes.ts'
import { type MessageFilter, readMessagePlaces } from './list-messages.ts'
import type { PageRequest } from './list-place.ts'
import type { MessageCollection } from './message-document.ts'
import type { EndReason, MessageRow } from './message-row.ts'
import { tell } from './outbox.ts'
import type { Swept } from './replay-messages.ts'
import {
  type ActionResult,
  type Actor,
  ASKED_MAX_MS,
  actOnMessage,
  actOnThese,
  type MessageOf,
  noted,
  WAKE_IF_HELD_BACK,
} from './user-action.ts'

const DAY_MS = 86_400_000

const CANCELLED: EndReason = { code: 'cancelled', detail: 'The message was cancelled before it was sent.' }

const MAY_HAVE_LEFT: EndReason = {
  code: 'cancelled-after-ambiguous',
  detail: 'The message was cancelled after an attempt that may have sent it.',
}

/**
 * Takes a message back that waits. After an attempt that may have sent it, it ends as `unknown`: `cancelled` tells its
 * reader that nothing was sent. A claim that comes later takes nothing, and a claim that came before refuses this.
 */
export async function cancelMessage(
  rows: MessageCollection,
  { by, retentionDays, watch, ...message }: MessageOf & Readonly<{ by: string }> & Cancelling,
): Promise<ActionResult> {
  const result = await actOnMessage(rows, message, {
    when: CANCELLABLE,
    pipeline: cancelPipeline({ by }, retentionDays),
  })
  if (result?.kind === 'done') {
    watch?.cancelled(1)
    watch?.tracedCancelled?.(tracedOf([result.row]))
  }
  return result
}

/** The same for the next that match and wait, newest first. `limit` bounds what is taken, and what is looked at is bounded too. */
export async function cancelMatching(
  rows: MessageCollection,
  filter: MessageFilter,
  { after, limit, ...how }: PageRequest & Readonly<{ by: string }> & Cancelling,
): Promise<Swept> {
  const { ids, next } = await readMessagePlaces(rows, filter, { after, limit })
  const done = await cancelThese(rows, ids, { user: filter.user, ...how })
  return { done, seen: ids.length, next }
}

/** Of these messages of a user those that wait. */
export async function cancelThese(
  rows: MessageCollection,
  ids: readonly string[],
  { user, retentionDays, watch, ...actor }: Actor & Readonly<{ user: string }> & Cancelling,
): Promise<number> {
  // Some may have been claimed since they were found, or be another's doing.
  const when = { user, ...CANCELLABLE }
  const { operation } = actor
  return await tellingCancelled(rows, { ids, watch }, () =>
    actOnThese(rows, ids, { when, pipeline: cancelPipeline(actor, retentionDays), operation }),
  )
}

/** All of a user that waits for one of these numbers and was accepted by then. */
export async function cancelAllTo(
  rows: MessageCollection,
  { user, numbers, acceptedUntil }: MessagesTo,
  { by, retentionDays, watch }: Readonly<{ by: string }> & Cancelling,
): Promise<number> {
  const when = { user, to: { $in: [...numbers] }, acceptedAt: { $lte: acceptedUntil }, ...CANCELLABLE }
  const update = () => rows.updateMany(when, cancelPipeline({ by }, retentionDays), { hint: MESSAGES_BY.to })
  const count = await twice(update)
  watch?.cancelled(count)
  return count
}

/** A message that was cancelled, or ended as `unknown` by it, and is traced. */
export type CancelledMessage = Readonly<
  Pick<MessageRow, 'id' | 'instance' | 'type' | 'status'> & { traceparent: string }
>

export type CancelWatch = Readonly<{
  /** Those too that ended as `unknown` by it. What an operation repeats after a crash is told twice. */
  cancelled(messages: number): void
  /** Of these, those that are traced, but for an erasure. Undefined: nothing is, and nothing is read for it. */
  tracedCancelled?: ((messages: readonly CancelledMessage[]) => void) | undefined
}>

export type Cancelling = Readonly<{ retentionDays: number; watch: CancelWatch | undefined }>

/** Does it, and tells of those that it took. */
export async function tellingCancelled(
  rows: MessageCollection,
  { ids, watch }: Pick<Cancelling, 'watch'> & Readonly<{ ids: readonly string[] }>,
  cancel: () => Promise<number>,
): Promise<number> {
  const told = watch?.tracedCancelled
  const before = told === undefined || ids.length === 0 ? [] : await tracedAmong(rows, ids)
  const count = await cancel()
  watch?.cancelled(count)
  if (told !== undefined && before.length > 0) told(await endedAmong(rows, before))
  return count
}

async function tracedAmong(rows: MessageCollection, ids: readonly string[]): Promise<string[]> {
  const these = { _id: { $in: [...ids] }, traceparent: { $exists: true }, ...CANCELLABLE }
  const found = await rows.find(these, { projection: { _id: 1 }, maxTimeMS: ASKED_MAX_MS }).toArray()
  return found.map(({ _id }) => _id)
}

async function endedAmong(rows: MessageCollection, ids: readonly string[]): Promise<CancelledMessage[]> {
  const taken = { _id: { $in: [...ids] }, status: { $in: ['cancelled', 'unknown'] as const } }
  const projection = { instance: 1, type: 1, status: 1, traceparent: 1 } as const
  // What was cancelled is cancelled: its caller is not told of a failure for the sake of a span.
  const after = await rows
    .find(taken, { projection, maxTimeMS: ASKED_MAX_MS })
    .toArray()
    .catch(() => [])
  return tracedOf(after.map(({ _id: id, ...row }) => ({ id, ...row })))
}

type MaybeTraced = Pick<MessageRow, 'id' | 'instance' | 'type' | 'status' | 'traceparent'>

function tracedOf(found: readonly MaybeTraced[]): CancelledMessage[] {
  return found.flatMap(({ id, instance, type, status, traceparent }) =>
    traceparent === undefined ? [] : [{ id, instance, type, status, traceparent }],
  )
}

export const CANCELLABLE = { status: { $in: sourcesOf('cancelled', 'user') } }

export function cancelPipeline(actor: Actor, retentionDays: number): mongo.Document[] {
  return [
    {
      $set: {
        status: { $cond: ['$mayHaveLeft', 'unknown', 'cancelled'] },
        reason: { $cond: ['$mayHaveLeft', { $literal: MAY_HAVE_LEFT }, { $literal: CANCELLED }] },
        attention: { $cond: ['$mayHaveLeft', 1, '$$REMOVE'] },
        failedAt: { $cond: ['$mayHaveLeft', '$$NOW', '$$REMOVE'] },
        actions: noted('cancel', actor),
        open: '$$REMOVE',
        held: '$$REMOVE',
        wakeAt: WAKE_IF_HELD_BACK,
        nextAttemptAt: '$$REMOVE',
        expireAt: { $add: ['$$NOW', retentionDays * DAY_MS] },
      },
    },
    tell({ $concat: ['message.', '$status'] }),
  ]
}
