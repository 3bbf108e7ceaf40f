import type { Pace } from '@whatsapp-sender/contract'

/**
 * Pace of one instance. It begins empty: a new owner cannot know what the one before it has just let go.
 * Times are monotonic ms.
 */
export type TokenBucket = Readonly<{
  /** 0 when a message may go now, else the ms until one may; `Infinity` never. */
  waitMs(now: number): number
  take(now: number): void
  /** Gives back what was taken for a message that did not leave. */
  giveBack(): void
}>

const MINUTE_MS = 60_000

export function createTokenBucket({ perMinute, burst }: Pace, now: number): TokenBucket {
  if (perMinute === 0) return { waitMs: () => 0, take: () => {}, giveBack: () => {} }
  const perMs = perMinute / MINUTE_MS
  let tokens = 0
  let filledAt = now
  const fill = (at: number): void => {
    tokens = Math.min(burst, tokens + (at - filledAt) * perMs)
    filledAt = at
  }
  return {
    waitMs: (at) => {
      fill(at)
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs)
    },
    take: (at) => {
      fill(at)
      tokens -= 1
    },
    giveBack: () => {
      tokens = Math.min(burst, tokens + 1)
    },
  }
}
