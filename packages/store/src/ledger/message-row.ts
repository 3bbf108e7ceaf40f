import type { MessageRecord, MessageStatus } from '@whatsapp-sender/contract'

/** One try to send. `number` counts from 1; `outcome` is what it did to the message. */
export type Attempt = Readonly<{
  number: number
  startedAt: Date
  durationMs: number
  /** `released`: ended without an answer about this message, so it is not counted. */
  outcome: 'sent' | 'retry' | 'failed' | 'dead-lettered' | 'unknown' | 'released'
  error?: AttemptError
}>

export type AttemptError = Readonly<{
  kind: string
  code: string
  detail: string
  httpStatus?: number
}>

/** Why a message ended without being sent. `code` is stable. */
export type EndReason = Readonly<{ code: string; detail: string }>

/** What a user or an administrator did to a message. `by`: his id. */
export type Action = Readonly<{
  at: Date
  by: string
  action: 'cancel' | 'reschedule' | 'replay' | 'discard'
  /** Id of the bulk operation that did it for him. */
  operation?: string
}>

/** A message of the ledger as its readers see it. Order within an instance is (`appendedAt`, `offset`). */
export type MessageRow = Readonly<
  Omit<MessageRecord, 'v' | 'acceptedAt' | 'sendAt' | 'expiresAt'> & {
    status: MessageStatus
    /** The broker's append time, ms since the epoch; never below an earlier record's of its partition. */
    appendedAt: number
    offset: bigint
    acceptedAt: Date
    sendAt?: Date
    expiresAt?: Date
    /** Attempts that Evolution answered about this message; from 0 again after a replay. */
    attemptsCount: number
    /** The last 20, oldest first. */
    attempts: readonly Attempt[]
    nextAttemptAt?: Date
    claimedAt?: Date
    providerMessageId?: string
    /** The JID that it went to, where that is another address than the one it was sent to. */
    resolvedTo?: string
    reason?: EndReason
    /** The last 20, oldest first. */
    actions?: readonly Action[]
    conflicts?: readonly Readonly<{ bodyHash: string; at: Date }>[]
    sentAt?: Date
    deliveredAt?: Date
    readAt?: Date
    playedAt?: Date
    failedAt?: Date
    /** Since then nothing of its recipient and its content is kept; `to` and the content are empty. */
    erased?: Date
    /** Since then its content is not kept. */
    redacted?: Date
    /** It waits for its campaign, which is paused. */
    held?: true
    /** Sent a while ago, and no receipt has come. */
    stuck?: true
  }
>
