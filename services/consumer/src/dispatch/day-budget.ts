/** How much is asked for at once: a crash loses no more than that of the day. */
const BLOCK_MAX = 20
const BLOCKS_A_DAY = 50
const RETRY_MS = 500

/** What one instance may still send today. Times are the store's clock, ms. */
export type DayBudget = Readonly<{
  /** 0: there is some left; otherwise when to look again; `Infinity`: `onGranted` tells. */
  until(now: number): number
  /** How many are in hand. */
  room(now: number): number
  take(): void
  giveBack(): void
  /** Empties it: what was granted for the day that it is and not used. */
  rest(now: number): number
}>

/** `total`: granted for the day so far, to all owners. */
type Grant = Readonly<{ granted: number; total: number }>

export type Day = Readonly<{ day: string; endsAt: number }>

/** Grants are acknowledged by the database before they are used, so that no two owners send more than the cap. */
export function createDayBudget({
  capOf,
  dayAt,
  reserve,
  onGranted,
  onError,
}: Readonly<{
  /** Undefined: no limit. */
  capOf(day: string): number | undefined
  dayAt(now: number): Day
  reserve(request: Readonly<{ day: string; want: number; cap: number }>): Promise<Grant>
  onGranted(): void
  onError(error: unknown): void
}>): DayBudget {
  let day = ''
  /** Granted to this owner and not used. */
  let left = 0
  /** Granted to all owners of the day when this one was last answered. */
  let total = 0
  /** Taken since the day began: what was taken before is not given back to it. */
  let taken = 0
  let isAsking = false
  /** The cap of the day that is known to be used up. */
  let spentCap: number | undefined

  const ask = async (cap: number): Promise<void> => {
    isAsking = true
    const asked = day
    try {
      const want = Math.max(1, Math.min(BLOCK_MAX, Math.floor(cap / BLOCKS_A_DAY)))
      const { granted, total: now } = await reserve({ day: asked, want, cap })
      if (asked === day) {
        left += granted
        total = now
        spentCap = granted === 0 ? cap : undefined
      }
    } catch (error) {
      onError(error)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
    }
    isAsking = false
    onGranted()
  }

  /** A cap that was lowered counts what the whole day has been granted, not only this owner's part. */
  const inHand = (cap: number): number => Math.min(left, cap - (total - left))

  const turn = (now: number): Day => {
    const today = dayAt(now)
    if (today.day > day) {
      day = today.day
      left = 0
      total = 0
      taken = 0
      spentCap = undefined
    }
    return today
  }

  return {
    until: (now) => {
      const { endsAt } = turn(now)
      const cap = capOf(day)
      if (cap === undefined || inHand(cap) > 0) return 0
      if (isAsking) return Number.POSITIVE_INFINITY
      if (left > 0 || cap === 0 || (spentCap !== undefined && cap <= spentCap)) return endsAt
      void ask(cap)
      return Number.POSITIVE_INFINITY
    },
    room: (now) => {
      turn(now)
      const cap = capOf(day)
      return cap === undefined ? Number.POSITIVE_INFINITY : Math.max(0, inHand(cap))
    },
    take: () => {
      if (left === 0) return
      left -= 1
      taken += 1
    },
    giveBack: () => {
      if (taken === 0) return
      left += 1
      taken -= 1
    },
    rest: (now) => {
      turn(now)
      const unused = left
      left = 0
      return unused
    },
  }
}
