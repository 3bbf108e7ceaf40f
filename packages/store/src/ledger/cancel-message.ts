import { sourcesOf } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { twice } from './claim-messages.ts'
import type { MessagesTo } from './erase-messages.ts'
import { MESSAGES_BY } from './ledger-indexes.ts'
import { type MessageFilter, readMessagePlaces } from './list-messages.ts'
import type { PageRequest } from './list-place.ts'
import type { MessageCollection } from './message-document.ts'
import type { EndReason } from './message-row.ts'
import { tell } from './outbox.ts'
import type { Swept } from './replay-messages.ts'
import {
  type ActionResult,
  type Actor,
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
  { by, retentionDays, ...message }: MessageOf & Readonly<{ by: string; retentionDays: number }>,
): Promise<ActionResult> {
  return await actOnMessage(rows, message, { when: CANCELLABLE, pipeline: cancelPipeline({ by }, retentionDays) })
}

/** The same for the next that match and wait, newest first. `limit` bounds what is taken, and what is looked at is bounded too. */
export async function cancelMatching(
  rows: MessageCollection,
  filter: MessageFilter,
  { after, limit, ...how }: PageRequest & Readonly<{ by: string; retentionDays: number }>,
): Promise<Swept> {
  const { ids, next } = await readMessagePlaces(rows, filter, { after, limit })
  const done = await cancelThese(rows, ids, { user: filter.user, ...how })
  return { done, seen: ids.length, next }
}

/** Of these messages of a user those that wait. */
export async function cancelThese(
  rows: MessageCollection,
  ids: readonly string[],
  { user, retentionDays, ...actor }: Actor & Readonly<{ user: string; retentionDays: number }>,
): Promise<number> {
  // Some may have been claimed since they were found, or be another's doing.
  const when = { user, ...CANCELLABLE }
  const { operation } = actor
  return await actOnThese(rows, ids, { when, pipeline: cancelPipeline(actor, retentionDays), operation })
}

/** All of a user that waits for one of these numbers and was accepted by then. */
export async function cancelAllTo(
  rows: MessageCollection,
  { user, numbers, acceptedUntil }: MessagesTo,
  { by, retentionDays }: Readonly<{ by: string; retentionDays: number }>,
): Promise<number> {
  const when = { user, to: { $in: [...numbers] }, acceptedAt: { $lte: acceptedUntil }, ...CANCELLABLE }
  return await twice(() => rows.updateMany(when, cancelPipeline({ by }, retentionDays), { hint: MESSAGES_BY.to }))
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
