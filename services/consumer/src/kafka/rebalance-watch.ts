/**
 * How long a rebalance keeps this process from sending: until it is in the group again, and until the first request
 * after that. The second is told only when requests were open as the rebalance began; else it would measure the silence.
 */
export type RebalanceWatch = Readonly<{
  /** Nothing may begin any more. */
  closing(): void
  /** The group has spoken. */
  joined(): void
  /** A request begins. */
  begun(): void
}>

/** What comes later has another cause: a pace, an instance that is away, nothing to send. */
const FIRST_SEND_MAX_MS = 60_000

export function watchRebalances({
  monotonic,
  isSending,
  onPause,
}: Readonly<{
  monotonic(): number
  isSending(): boolean
  onPause(until: 'joined' | 'first-send', ms: number): void
}>): RebalanceWatch {
  let closedAt: number | undefined
  let wasSending = false
  let awaitsFirst = false
  return {
    closing: () => {
      if (closedAt !== undefined && !awaitsFirst) return
      closedAt = monotonic()
      wasSending = isSending()
      awaitsFirst = false
    },
    joined: () => {
      if (closedAt === undefined || awaitsFirst) return
      onPause('joined', monotonic() - closedAt)
      awaitsFirst = wasSending
      if (!wasSending) closedAt = undefined
    },
    begun: () => {
      if (!awaitsFirst || closedAt === undefined) return
      const ms = monotonic() - closedAt
      if (ms < FIRST_SEND_MAX_MS) onPause('first-send', ms)
      awaitsFirst = false
      closedAt = undefined
    },
  }
}
