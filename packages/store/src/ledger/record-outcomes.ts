import { type MessageEventType, type MessageStatus, sourcesOf } from '@whatsapp-sender/contract'
import { mongo } from 'mongoose'
import type { MessageCollection } from './message-document.ts'
import type { Attempt, EndReason } from './message-row.ts'
import { tell } from './outbox.ts'

/**
 * What became of one claimed message. `counted`: Evolution answered about this very message, so the attempt uses up
 * allowance. `queued` needs `nextAttemptAt` unless it may go at once.
 */
export type Outcome = Readonly<{
  id: string
  claim: string
  attempt: Attempt
  counted: boolean
}> &
  (
    | Readonly<{
        status: 'sent'
        providerMessageId: string
        /** The JID that it went to, if it is known and not the one that `to` makes. */
        resolvedTo?: string
        by: 'answer' | 'evidence'
      }>
    | Readonly<{ status: 'queued'; nextAttemptAt: Date | undefined }>
    | Readonly<{
        status: 'failed' | 'dead-lettered' | 'unknown'
        reason: EndReason
      }>
  )

type SentOutcome = Extract<Outcome, { status: 'sent' }>
type OtherOutcome = Exclude<Outcome, SentOutcome>

const ATTEMPTS_KEPT = 20
const DAY_MS = 86_400_000

/**
 * Writes outcomes: at most two updates for all of them, each guarded by claim and status, so repeating it is safe.
 * Returns how many rows took theirs; the rest had been claimed anew or had ended.
 */
export async function recordOutcomes(
  rows: MessageCollection,
  outcomes: readonly Outcome[],
  { retentionDays, stuckAfterMs }: Readonly<{ retentionDays: number; stuckAfterMs: number }>,
): Promise<number> {
  const sent = outcomes.filter((outcome) => outcome.status === 'sent')
  const others = outcomes.filter((outcome) => outcome.status !== 'sent')
  const counts = await Promise.all([
    recordSent(rows, sent, { retentionDays, stuckAfterMs }),
    recordOthers(rows, others, retentionDays),
  ])
  return counts[0] + counts[1]
}

async function recordSent(
  rows: MessageCollection,
  sent: readonly SentOutcome[],
  { retentionDays, stuckAfterMs }: Readonly<{ retentionDays: number; stuckAfterMs: number }>,
): Promise<number> {
  if (sent.length === 0) return 0
  const from = [...new Set([...sourcesOf('sent', 'outcome'), ...sourcesOf('sent', 'evidence')])]
  const providerMessageId = pick(sent.map((outcome) => outcome.providerMessageId))
  const sentAt = pick(sent.map(({ attempt }) => new Date(attempt.startedAt.getTime() + attempt.durationMs)))
  return await update(rows, sent, {
    from,
    set: {
      status: 'sent',
      open: '$$REMOVE',
      attention: '$$REMOVE',
      reason: '$$REMOVE',
      failedAt: '$$REMOVE',
      nextAttemptAt: '$$REMOVE',
      wakeAt: '$$REMOVE',
      sentAt,
      askAt: { $add: [sentAt, stuckAfterMs] },
      asked: '$$REMOVE',
      stuck: '$$REMOVE',
      providerMessageId,
      // Most have none: those are spared another look into an array.
      ...(sent.some(({ resolvedTo }) => resolvedTo !== undefined) && {
        resolvedTo: orRemoved(sent.map(({ resolvedTo }) => resolvedTo ?? null)),
      }),
      providerIds: { $concatArrays: [{ $ifNull: ['$providerIds', []] }, [providerMessageId]] },
      expireAt: expireAt(retentionDays),
      ...attemptFields(sent),
    },
    telling: tell('message.sent'),
  })
}

async function recordOthers(
  rows: MessageCollection,
  others: readonly OtherOutcome[],
  retentionDays: number,
): Promise<number> {
  if (others.length === 0) return 0
  const ended = pick(others.map((outcome) => outcome.status !== 'queued'))
  const onlyIfEnded = (value: unknown) => ({
    $cond: [ended, value, '$$REMOVE'],
  })
  return await update(rows, others, {
    from: sourcesOf('failed', 'outcome'),
    set: {
      status: pick(others.map((outcome) => outcome.status)),
      open: { $cond: [ended, '$$REMOVE', 1] },
      ...(others.some(isAmbiguous) && {
        mayHaveLeft: { $cond: [pick(others.map(isAmbiguous)), true, '$mayHaveLeft'] },
      }),
      wakeAt: { $cond: [ended, '$$REMOVE', '$wakeAt'] },
      attention: onlyIfEnded(1),
      failedAt: onlyIfEnded('$$NOW'),
      expireAt: onlyIfEnded(expireAt(retentionDays)),
      reason: orRemoved(others.map((outcome) => (outcome.status === 'queued' ? null : outcome.reason))),
      nextAttemptAt: orRemoved(
        others.map((outcome) => (outcome.status === 'queued' ? (outcome.nextAttemptAt ?? null) : null)),
      ),
      ...attemptFields(others),
    },
    telling: tell(pick(others.map(toldOf)), { reason: orRemoved(others.map(causeOf)) }),
  })
}

function isAmbiguous({ attempt }: OtherOutcome): boolean {
  return attempt.error?.kind === 'ambiguous'
}

/** Nothing, when the message is where it was before: nobody has answered about it. */
function toldOf({ status, counted }: OtherOutcome): MessageEventType | null {
  if (status !== 'queued') return `message.${status}`
  return counted ? 'message.retrying' : null
}

function causeOf(outcome: OtherOutcome): EndReason | null {
  if (outcome.status !== 'queued') return outcome.reason
  const { error } = outcome.attempt
  return error === undefined ? null : { code: error.code, detail: error.detail }
}

async function update(
  rows: MessageCollection,
  outcomes: readonly Outcome[],
  {
    from,
    set,
    telling,
  }: Readonly<{ from: readonly MessageStatus[]; set: Record<string, unknown>; telling: mongo.Document }>,
): Promise<number> {
  // The row's place in the arrays that carry every row's own values. A claim may be of many rows, so it has to be
  // compared together with the id: one of these outcomes may be late and its row claimed anew along with another's.
  const keys = outcomes.map(({ id, claim }) => `${id} ${claim}`)
  const at = { $indexOfArray: [{ $literal: keys }, { $concat: ['$_id', ' ', '$claim'] }] }
  const filter = {
    _id: { $in: outcomes.map(({ id }) => id) },
    status: { $in: [...from] },
    $expr: { $gte: [at, 0] },
  }
  const pipeline = [{ $set: { _at: at } }, { $set: set }, telling, { $unset: '_at' }]
  const write = async () => (await rows.updateMany(filter, pipeline)).matchedCount
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof mongo.MongoError)) throw error
    // Rows of the first try no longer match, so the count of the second is too low to judge by: all are taken as written.
    await write()
    return outcomes.length
  }
}

function attemptFields(outcomes: readonly Outcome[]): Record<string, unknown> {
  const attempt = pick(outcomes.map((outcome) => outcome.attempt))
  return {
    attemptsCount: {
      $add: ['$attemptsCount', pick(outcomes.map((outcome) => (outcome.counted ? 1 : 0)))],
    },
    attempts: {
      $slice: [{ $concatArrays: ['$attempts', [attempt]] }, -ATTEMPTS_KEPT],
    },
  }
}

function pick(values: readonly unknown[]): Record<string, unknown> {
  return { $arrayElemAt: [{ $literal: values }, '$_at'] }
}

function orRemoved(values: readonly unknown[]): Record<string, unknown> {
  return { $ifNull: [pick(values), '$$REMOVE'] }
}

function expireAt(retentionDays: number): Record<string, unknown> {
  return { $add: ['$$NOW', retentionDays * DAY_MS] }
}
