import type { Priority } from '@whatsapp-sender/contract'
import { sourcesOf } from '@whatsapp-sender/contract'
import type { MessageCollection, MessageDocument } from './message-document.ts'
import { tell } from './outbox.ts'
import { type ActionResult, ASKED_MAX_MS, actOnMessage, filterOf, type MessageOf, noted } from './user-action.ts'

/** What is left out stays as it is. `null`: as soon as possible, or never expiring. */
export type Reschedule = Readonly<{
  sendAt?: Date | null | undefined
  expiresAt?: Date | null | undefined
  priority?: Priority | undefined
}>

/** `expires-first`: it would expire before it may be sent; nothing was changed. */
export type RescheduleResult = ActionResult | Readonly<{ kind: 'expires-first' }>

const WAITING = [...new Set([...sourcesOf('scheduled', 'user'), ...sourcesOf('queued', 'user')])]

/** Somebody else may change the times between the look and the write; nobody does so again and again. */
const TRIES = 5

/**
 * Changes a message that waits. A new `sendAt` gives it a new place in its lane, as if it were accepted then; one that
 * has passed means now.
 */
export async function rescheduleMessage(
  rows: MessageCollection,
  { by, ...message }: MessageOf & Readonly<{ by: string }>,
  change: Reschedule,
): Promise<RescheduleResult> {
  for (let tries = 1; ; tries += 1) {
    // Not a majority's view: that is older, and may lack what was inserted a moment ago. The write compares anyway.
    const row = await rows.findOne(filterOf(message), { maxTimeMS: ASKED_MAX_MS })
    if (row === null) return undefined
    // One that has ended is refused for that, whatever its times were.
    if (isWaiting(row) && expiresFirst(row, change)) return { kind: 'expires-first' }
    const result = await actOnMessage(rows, message, {
      when: { status: { $in: WAITING }, sendAt: asSeen(row.sendAt), expiresAt: asSeen(row.expiresAt) },
      pipeline: pipelineOf(change, by),
    })
    if (result?.kind !== 'refused' || !isWaiting(result.row) || tries === TRIES) return result
  }
}

function isWaiting({ status }: Pick<MessageDocument, 'status'>): boolean {
  return WAITING.some((waiting) => waiting === status)
}

function asSeen(time: Date | undefined) {
  return time ?? { $exists: false }
}

function expiresFirst(row: MessageDocument, change: Reschedule): boolean {
  const sendAt = change.sendAt === undefined ? row.sendAt : change.sendAt
  const expiresAt = change.expiresAt === undefined ? row.expiresAt : change.expiresAt
  return Boolean(sendAt && expiresAt && expiresAt <= sendAt)
}

function pipelineOf({ sendAt, expiresAt, priority }: Reschedule, by: string) {
  const at = sendAt ? { $max: [sendAt, '$$NOW'] } : '$$NOW'
  const timing =
    sendAt === undefined
      ? { wakeAt: WAKE_IF_IN_MEMORY }
      : {
          status: { $cond: [{ $gt: [at, '$$NOW'] }, 'scheduled', 'queued'] },
          sendAt: sendAt ?? '$$REMOVE',
          // It goes its own way from here, whatever becomes of its campaign.
          held: '$$REMOVE',
          appendedAt: at,
          nextAttemptAt: '$$REMOVE',
          // The owner has a queued row in memory and must hear of it; of a scheduled one it knows nothing until then.
          wakeAt: { $cond: [{ $eq: ['$status', 'queued'] }, '$$NOW', at] },
        }
  return [
    { $set: { _before: '$status' } },
    {
      $set: {
        ...timing,
        ...(expiresAt !== undefined && { expiresAt: expiresAt ?? '$$REMOVE' }),
        ...(priority !== undefined && { priority: { $literal: priority } }),
        actions: noted('reschedule', { by }),
      },
    },
    tell({ $concat: ['message.', '$status'] }, { when: { $ne: ['$status', '$_before'] } }),
    { $unset: '_before' },
  ]
}

const WAKE_IF_IN_MEMORY = { $cond: [{ $eq: ['$status', 'queued'] }, '$$NOW', '$wakeAt'] }
