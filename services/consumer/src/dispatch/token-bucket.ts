/** `burst` messages may leave at once after a silence; `perMinute` 0 holds nothing back. */
export type Rate = Readonly<{ perMinute: number; burst: number; isJittered: boolean }>

/**
 * The rate of one instance. It begins empty: what the owner before may have let go counts. Times are monotonic ms.
 * A token is used up when a request begins; until then it is held for what was taken. So however long claims take, no
 * more leaves at once than a burst.
 */
export type TokenBucket = Readonly<{
  /** 0 when a message may go now, else the ms until it is worth to ask again; `Infinity` never. */
  waitMs(now: number): number
  /** How many may go now. */
  room(now: number): number
  take(now: number): void
  /** The request of what was taken begins now. */
  began(now: number): void
  /** What was taken does not begin. */
  giveBack(): void
  /** Something is taken and has not begun. */
  isAwaiting(): boolean
  /** Nothing is left, and nothing comes before `from`. */
  drain(from: number): void
}>

const MINUTE_MS = 60_000
/** Intervals vary by up to a fifth either way, and keep their mean: a token more is waited for, none is taken early. */
const JITTER = 0.2
/** For so long a bucket goes on filling while what was taken waits to begin: else a claim's time would be lost of the rate. */
const CLAIM_MS = 100

/** `rateAt` is asked each time, so that a changed pace holds at once. */
export function createTokenBucket(
  rateAt: (now: number) => Rate,
  emptyAt: number,
  random: () => number = Math.random,
): TokenBucket {
  let tokens = 0
  let taken = 0
  let filledAt = emptyAt
  let jitter = random()

  const fill = (at: number): Rate => {
    const rate = rateAt(at)
    if (at > filledAt) {
      const most = rate.burst + (taken > 0 ? CLAIM_MS * perMs(rate) : 0)
      tokens = Math.min(most, tokens + (at - filledAt) * perMs(rate))
      filledAt = at
    }
    return rate
  }
  /** With a burst of 1 no more than one is ever there to wait for. */
  const neededOf = ({ isJittered, burst }: Rate): number => (isJittered ? Math.min(burst, 1 + JITTER * jitter) : 1)

  return {
    waitMs: (at) => {
      const rate = fill(at)
      if (rate.perMinute === 0) return 0
      const lacking = neededOf(rate) + taken - tokens
      return lacking <= 0 ? 0 : Math.ceil(Math.max(0, filledAt - at) + lacking / perMs(rate))
    },
    room: (at) => (fill(at).perMinute === 0 ? Number.POSITIVE_INFINITY : Math.max(0, Math.floor(tokens - taken))),
    take: (at) => {
      fill(at)
      taken += 1
      jitter = random()
    },
    began: (at) => {
      tokens = fill(at).perMinute === 0 ? 0 : tokens - 1
      taken = Math.max(0, taken - 1)
    },
    giveBack: () => {
      taken = Math.max(0, taken - 1)
    },
    isAwaiting: () => taken > 0,
    drain: (from) => {
      tokens = Math.min(tokens, 0)
      filledAt = Math.max(filledAt, from)
    },
  }
}

function perMs({ perMinute }: Rate): number {
  return perMinute / MINUTE_MS
}
