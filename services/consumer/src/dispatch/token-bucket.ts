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

/** `paceOf` is asked each time, so that a changed pace holds at once. */
export function createTokenBucket(paceOf: () => Pace, now: number): TokenBucket {
  let tokens = 0
  let filledAt = now
  const fill = (at: number): Pace => {
    const pace = paceOf()
    tokens = Math.min(pace.burst, tokens + (at - filledAt) * perMs(pace))
    filledAt = at
    return pace
  }
  return {
    waitMs: (at) => {
      const pace = fill(at)
      return pace.perMinute === 0 || tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs(pace))
    },
    take: (at) => {
      tokens = fill(at).perMinute === 0 ? 0 : tokens - 1
    },
    giveBack: () => {
      const { perMinute, burst } = paceOf()
      if (perMinute > 0) tokens = Math.min(burst, tokens + 1)
    },
  }
}

function perMs({ perMinute }: Pace): number {
  return perMinute / MINUTE_MS
}
