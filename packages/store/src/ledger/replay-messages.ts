import { sourcesOf } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { type DeadLetterFilter, deadLettersMatching, readPlaces } from './list-dead-letters.ts'
import type { ListPlace, PageRequest } from './list-place.ts'
import type { MessageCollection, MessageDocument } from './message-document.ts'
import { tell } from './outbox.ts'
import { type ActionResult, type Actor, actOnMessage, actOnThese, type MessageOf, noted } from './user-action.ts'

/**
 * `expiresAt`: until when it may be sent this time; `null` for ever. Left out, the message keeps its own, and is not
 * replayed when that has passed.
 */
export type Replay = Actor & Readonly<{ expiresAt?: Date | null | undefined }>

/** `done`: how many were; `next`: where to go on. */
export type Swept = Readonly<{ done: number; seen: number; next: ListPlace | undefined }>

const REPLAYABLE = sourcesOf('queued', 'replay')

/** Sends an ended message once more, in its old place of its lane and with a new allowance of attempts. */
export async function replayMessage(
  rows: MessageCollection,
  message: MessageOf,
  replay: Replay,
): Promise<ActionResult> {
  return await actOnMessage(rows, message, { when: replayable(replay), pipeline: replayPipeline(replay) })
}

/** The same for the next `limit` dead letters that match, newest first. */
export async function replayMatching(
  rows: MessageCollection,
  filter: DeadLetterFilter,
  { after, limit, ...replay }: Replay & PageRequest,
): Promise<Swept> {
  const { ids, next } = await readPlaces(rows, filter, { after, limit })
  return { done: await replayThese(rows, ids, { filter, ...replay }), seen: ids.length, next }
}

/** Of these dead letters those that still match. */
export async function replayThese(
  rows: MessageCollection,
  ids: readonly string[],
  { filter, ...replay }: Replay & Readonly<{ filter: DeadLetterFilter }>,
): Promise<number> {
  // Somebody else may have taken some of them since they were found.
  const when = { $and: [deadLettersMatching(filter), replayable(replay)] }
  return await actOnThese(rows, ids, { when, pipeline: replayPipeline(replay), operation: replay.operation })
}

/** Takes a dead letter off the list. Its row stays, so that its id still keeps a second copy from being sent. */
export async function discardMessage(
  rows: MessageCollection,
  message: MessageOf,
  { by }: Readonly<{ by: string }>,
): Promise<ActionResult> {
  return await actOnMessage(rows, message, { when: { attention: 1 }, pipeline: discardPipeline({ by }) })
}

export async function discardMatching(
  rows: MessageCollection,
  filter: DeadLetterFilter,
  { after, limit, by }: Readonly<{ by: string }> & PageRequest,
): Promise<Swept> {
  const { ids, next } = await readPlaces(rows, filter, { after, limit })
  return { done: await discardThese(rows, ids, { filter, by }), seen: ids.length, next }
}

export async function discardThese(
  rows: MessageCollection,
  ids: readonly string[],
  { filter, ...actor }: Actor & Readonly<{ filter: DeadLetterFilter }>,
): Promise<number> {
  const { operation } = actor
  return await actOnThese(rows, ids, { when: deadLettersMatching(filter), pipeline: discardPipeline(actor), operation })
}

/** A dead letter, or one that expired; not one that was discarded. */
function replayable({ expiresAt }: Replay): mongo.Filter<MessageDocument> {
  return {
    status: { $in: REPLAYABLE },
    erased: { $exists: false },
    redacted: { $exists: false },
    $or: [{ attention: 1 }, { status: 'expired' }],
    ...(expiresAt === undefined && { $expr: { $or: [UNENDING, { $gt: ['$expiresAt', '$$NOW'] }] } }),
  }
}

const UNENDING = { $eq: [{ $type: '$expiresAt' }, 'missing'] }

/**
 * The claim stays: an answer to the last attempt that comes only now ends the message as sent. A `sendAt` that is still
 * ahead goes: a replay means now.
 */
function replayPipeline({ expiresAt, ...actor }: Replay): mongo.Document[] {
  return [
    {
      $set: {
        status: 'queued',
        open: 1,
        attemptsCount: 0,
        wakeAt: '$$NOW',
        sendAt: { $cond: [{ $gt: ['$sendAt', '$$NOW'] }, '$$REMOVE', '$sendAt'] },
        actions: noted('replay', actor),
        ...(expiresAt !== undefined && { expiresAt: expiresAt ?? '$$REMOVE' }),
      },
    },
    { $unset: ['attention', 'reason', 'failedAt', 'nextAttemptAt', 'expireAt', 'sentAt', 'providerMessageId'] },
    tell('message.queued'),
  ]
}

function discardPipeline(actor: Actor): mongo.Document[] {
  return [{ $set: { attention: '$$REMOVE', actions: noted('discard', actor) } }]
}
