/** While it was told to be silent, and the slow start after it. Times are monotonic ms, rates a minute. */
export type Silence = Readonly<{
  waitMs(now: number): number
  /** Told to be silent. Returns when it ends and the rate it then begins with; undefined if nothing changes. */
  begin(now: number, asked: Readonly<{ ms: number | undefined; rate: number }>): SilenceEnd | undefined
  /** What another owner was told. False if that is no news. */
  restore(end: SilenceEnd): boolean
  /** The rate that holds now, where it would otherwise be `perMinute`; 0: no limit. */
  rateAt(now: number, perMinute: number): number
}>

export type SilenceEnd = Readonly<{ until: number; slowTo: number }>

/** WhatsApp's own rate limit names no time. */
const DEFAULT_MS = 60_000
const MIN_MS = 1000
/** A longer one is asked for again by the next answer. */
const MAX_MS = 900_000
/** The rate climbs back from half over so long. */
const RECOVERY_MS = 300_000
/** Ends that are no further apart were one before they went from clock to clock. */
const SAME_MS = 1000
/** An instance without a limit that sent next to nothing still goes on at a rate that moves. */
const SLOWEST_UNLIMITED = 30

/** `isLimited`: the instance has a rate of its own. */
export function createSilence(isLimited: () => boolean): Silence {
  let end: SilenceEnd | undefined

  const rateAt = (now: number, perMinute: number): number => {
    if (end === undefined) return perMinute
    const { until, slowTo } = end
    const recovered = (now - until) / RECOVERY_MS
    if (recovered >= 1) {
      end = undefined
      return perMinute
    }
    const usual = perMinute > 0 ? perMinute : slowTo * 2
    return Math.min(usual, slowTo + Math.max(0, usual - slowTo) * Math.max(0, recovered))
  }

  return {
    waitMs: (now) => (end === undefined ? 0 : Math.max(0, Math.ceil(end.until - now))),
    begin: (now, { ms = DEFAULT_MS, rate }) => {
      const until = now + Math.min(MAX_MS, Math.max(MIN_MS, ms))
      if (end !== undefined && end.until >= until) return undefined
      // Answers of requests that were under way together are one warning.
      const isSameWarning = end !== undefined && end.until > now
      const slowTo = isSameWarning && end !== undefined ? end.slowTo : slower(rateAt(now, rate), isLimited())
      end = { until, slowTo }
      return end
    },
    restore: (known) => {
      if (end !== undefined && known.until <= end.until + SAME_MS) return false
      end = known
      return true
    },
    rateAt,
  }
}

function slower(rate: number, isLimited: boolean): number {
  return isLimited ? Math.max(Math.min(rate, 1), rate / 2) : Math.max(SLOWEST_UNLIMITED, rate / 2)
}
