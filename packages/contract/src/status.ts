/** Where a message is in its life. `accepted` exists in Kafka only: a row of the ledger begins as `queued` or `scheduled`. */
export const MESSAGE_STATUSES = [
  'accepted',
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'dead-lettered',
  'unknown',
  'cancelled',
  'expired',
] as const
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

/** Who moves a message along an arrow. */
export type Mover = 'ingest' | 'owner' | 'claim' | 'release' | 'outcome' | 'evidence' | 'receipt' | 'user' | 'replay'

export type Arrow = Readonly<{
  from: MessageStatus
  to: MessageStatus
  by: Mover
}>

function arrows(from: readonly MessageStatus[], to: readonly MessageStatus[], by: Mover): Arrow[] {
  return from.flatMap((f) => to.map((t) => ({ from: f, to: t, by })))
}

/** Every move a row may make. Nothing outside `packages/store` writes a status, and nothing there off this table. */
export const ARROWS: readonly Arrow[] = [
  ...arrows(['accepted'], ['queued', 'scheduled'], 'ingest'),
  ...arrows(['scheduled'], ['queued'], 'owner'),
  ...arrows(['queued', 'scheduled'], ['expired', 'failed'], 'owner'),
  // It expired, but an earlier attempt may have sent it.
  ...arrows(['queued', 'scheduled'], ['unknown'], 'owner'),
  ...arrows(['queued'], ['sending'], 'claim'),
  ...arrows(['sending'], ['queued'], 'release'),
  ...arrows(['sending'], ['sent', 'queued', 'failed', 'dead-lettered', 'unknown'], 'outcome'),
  // A 201 that comes after the lease was judged still counts, as long as nobody claimed the row again.
  ...arrows(['queued', 'unknown'], ['sent'], 'outcome'),
  ...arrows(['sending', 'unknown'], ['sent'], 'evidence'),
  ...arrows(['sent'], ['delivered', 'read', 'failed'], 'receipt'),
  ...arrows(['delivered'], ['read'], 'receipt'),
  // Cancelled after an attempt that may have sent it, it is `unknown` for the same reason.
  ...arrows(['queued', 'scheduled'], ['cancelled', 'unknown'], 'user'),
  // Put off and brought forward. A row that is put off must not stay `queued`: there it would hold its lane, and a claim
  // that is on its way would still send it at the old time.
  ...arrows(['queued'], ['scheduled'], 'user'),
  ...arrows(['scheduled'], ['queued'], 'user'),
  ...arrows(['unknown', 'failed', 'dead-lettered', 'expired'], ['queued'], 'replay'),
]

/** The statuses from which `by` may move a message to `to`. */
export function sourcesOf(to: MessageStatus, by: Mover): MessageStatus[] {
  return ARROWS.filter((arrow) => arrow.to === to && arrow.by === by).map((arrow) => arrow.from)
}

/** Statuses in which the owner still has work to do. */
export const OPEN_STATUSES = ['scheduled', 'queued', 'sending'] as const satisfies readonly MessageStatus[]

/** Why a queued message has not left yet. Computed when read, never stored. */
export type WaitingFor =
  | 'schedule'
  | 'pace'
  | 'quiet-hours'
  | 'daily-cap'
  | 'instance'
  | 'paused'
  | 'campaign'
  | 'retry'
  | 'recipient'
