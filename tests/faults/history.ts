import type { MessageStatus } from '@whatsapp-sender/contract'

/** What decides an ambiguous attempt in a run. */
export type Policy = 'resend' | 'hold'

/**
 * One call of a client. `text` is unique for each message, and repeats of a call under one idempotency key share it.
 * `ok`: answered 202. `failed`: answered that nothing was accepted. `unknown`: anything else, no answer included.
 * Times here and below are ms since the epoch.
 */
export type Call = Readonly<{
  text: string
  user: string
  instance: string
  /** Digits. */
  to: string
  policy: Policy
  key?: string
  invokedAt: number
  endedAt: number
  result: 'ok' | 'failed' | 'unknown'
  status: number | undefined
  id: string | undefined
}>

/** What left for WhatsApp, as the gateway's journal has it. */
export type Send = Readonly<{
  sequence: number
  at: number
  instance: string
  number: string
  text: string
  keyId: string
}>

/** A request to the gateway as it ended; status 0 is a connection that was reset. */
export type GatewayRequest = Readonly<{
  at: number
  answeredAt: number
  instance: string
  number: string | undefined
  textHash: string | undefined
  status: number
}>

/**
 * A time in which a fault could double messages: those whose request was open in it, or answered at most 250 ms before
 * it. `instances`: only theirs.
 */
export type FaultWindow = Readonly<{ name: string; from: number; to: number; instances?: readonly string[] }>

export type RowOfLedger = Readonly<{
  id: string
  user: string
  instance: string
  to: string
  text: string
  status: MessageStatus
  reason: string | undefined
  createdAt: number
  attemptsCount: number
  attempts: readonly Readonly<{ outcome: string; kind: string | undefined }>[]
  providerIds: readonly string[]
  claimedBy: string | undefined
}>

/** A record of topic `messages`. */
export type TopicRecord = Readonly<{ partition: number; offset: number; id: string | undefined }>

export type CommittedOffset = Readonly<{ at: number; partition: number; offset: number }>

export type ProcessSample = Readonly<{ at: number; name: string; pid: number; rssMb: number; handles: number }>

/** All that is known of one run: the clients' log, the gateway's, and the ledger's with its changes and offsets. */
export type RunLogs = Readonly<{
  policy: Policy
  calls: readonly Call[]
  /** Instance → the user who owns it. */
  owners: Readonly<Record<string, string>>
  /** Instance → its pace; one without has no limit. */
  paces: Readonly<Record<string, Readonly<{ perMinute: number; burst: number }>>>
  windows: readonly FaultWindow[]
  /** Statuses besides sent, delivered and read in which messages of this run may end. */
  mayEnd: readonly MessageStatus[]
  sends: readonly Send[]
  requests: readonly GatewayRequest[]
  rows: readonly RowOfLedger[]
  /** Every status that a row had, in order. */
  changes: Readonly<Record<string, readonly MessageStatus[]>>
  undecodable: readonly Readonly<{ partition: number; offset: number; at: number }>[]
  records: readonly TopicRecord[]
  committed: readonly CommittedOffset[]
  /** From when on nothing moved any more; undefined when it never came to rest. */
  quietAt: number | undefined
  ends: readonly Readonly<{ partition: number; offset: number }>[]
  /** Ids of processes whose heartbeat goes on. */
  living: readonly string[]
  processes: readonly ProcessSample[]
}>
