import type { MessageEventType } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import type { EndReason } from './message-row.ts'

/** What happened to a message and is not in collection `events` yet. It keeps what the row may have lost by then. */
export type OutboxEntry = Readonly<{
  /** From 1, without a gap. */
  n: number
  type: MessageEventType
  at: Date
  reason?: EndReason
  providerMessageId?: string
  nextAttemptAt?: Date
}>

/** An aggregation expression over the row. */
type Expression = Readonly<Record<string, unknown>> | string

/**
 * A stage for the end of every update pipeline that moves a message: notes in rows with a feed, in the same write, what
 * has just happened to them, and in rows of a campaign what they count as from now on. Others stay as they are.
 */
export function tell(
  /** An expression may answer null: then there is nothing to tell. */
  type: MessageEventType | Readonly<Record<string, unknown>>,
  {
    when,
    reason = '$reason',
  }: Readonly<{
    /** Only where it is true, of the row as the stages before left it. */
    when?: Expression
    reason?: Expression
  }> = {},
): mongo.Document {
  const conditions = [
    '$feed',
    ...(when === undefined ? [] : [when]),
    ...(typeof type === 'string' ? [] : [isThere(type)]),
  ]
  const onlyThen = (value: unknown, field: string) => ({ $cond: [{ $and: conditions }, value, field] })
  const next = { $add: [{ $ifNull: ['$eventCount', 0] }, 1] }
  const entry = {
    n: next,
    type: typeof type === 'string' ? { $literal: type } : type,
    at: '$$NOW',
    reason,
    providerMessageId: '$providerMessageId',
    nextAttemptAt: '$nextAttemptAt',
  }
  return {
    $set: {
      outbox: onlyThen({ $concatArrays: [{ $ifNull: ['$outbox', []] }, [entry]] }, '$outbox'),
      eventCount: onlyThen(next, '$eventCount'),
      campaignStatus: { $cond: ['$campaign', COUNTED, '$$REMOVE'] },
    },
  }
}

const COUNTED = { $cond: [{ $eq: ['$status', 'sending'] }, 'queued', '$status'] }

/** What a new row has to tell. */
export function firstEntry(type: MessageEventType, at: Date): OutboxEntry {
  return { n: 1, type, at }
}

function isThere(type: Expression): Expression {
  return { $ne: [type, null] }
}
