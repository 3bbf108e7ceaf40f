import { capOfDay, type Pace } from '@whatsapp-sender/contract'
import type { CountedSends, PaceAccount, PaceRest } from '@whatsapp-sender/store'
import type { Clock } from './clock.ts'
import type { ContactBook } from './contact-book.ts'
import { createDayBudget, type DayBudget } from './day-budget.ts'
import { type PacePlan, planOf } from './pace-plan.ts'
import { createSendMeter } from './send-meter.ts'
import { createSilence } from './silence.ts'
import { createTokenBucket, type Rate } from './token-bucket.ts'

/** When one creation of an instance may send, and to whom. */
export type Pacer = Readonly<{
  instanceId: string
  /** 0 when a message may go now, else the ms until it is worth to look again; `Infinity`: `onChange` tells. */
  waitMs(): number
  /** How many may go now. */
  room(): number
  /** Nothing may begin, not even what was selected before: silence, quiet hours. */
  isHeld(): boolean
  take(to: string): void
  /** A request of what was taken begins now. */
  began(): void
  /** What was taken did not begin. */
  giveBack(to: string): void
  /** A request ended and its message surely did not leave: it does not count against the day. */
  notSent(to: string): void
  /**
   * When a message to this recipient may go, as far as the recipient is concerned; the store's clock, ms. `Infinity`:
   * `onChange` tells. `unknown`: `ask`.
   */
  laneUntil(to: string, now: number): number | 'unknown'
  /** Finds out about a recipient. */
  ask(to: string, told: () => void): void
  /** Written to before then. False also where that is not known here. */
  isKnownBefore(to: string, at: number): boolean
  /** When recipients that were never written to may go; the store's clock, ms. `Infinity`: `onChange` tells. */
  strangersUntil(now: number): number
  /** What the database holds of it; nothing goes out before. `token`: of who took the account. */
  load(account: PaceAccount | undefined, token: string | undefined): void
  /** The database may know more. `isPaused`: new recipients have to wait longer than was known. */
  learn(account: PaceAccount): Readonly<{ isPaused: boolean }>
  /** Returns the end of the silence by the store's clock, if it moved. */
  beSilent(ms: number | undefined): Readonly<{ until: number; slowTo: number }> | undefined
  /** What the next owner goes on from. What is given back later is handed to `onLate`. */
  close(): PaceRest
}>

export type PacerParts = Readonly<{
  instanceId: string
  /** The pace as it is now. */
  paceNow(): Pace
  clock: Pick<Clock, 'monotonic' | 'storeNow'>
  book: Pick<ContactBook, 'get' | 'ask'>
  reserve(kind: CountedSends, request: Readonly<{ day: string; want: number; cap: number }>): Promise<Granted>
  /** Something that held it may have gone. */
  onChange(): void
  onLate(rest: PaceRest): void
  onError(error: unknown): void
  random?: () => number
}>

export type Granted = Readonly<{ granted: number; account: PaceAccount }>

/**
 * Silence first, then quiet hours, the gap and rate, and last what the day still allows: only who may go otherwise has
 * some of the day reserved. In-process waits go by the monotonic clock, calendars by the store's.
 */
export function createPacer(parts: PacerParts): Pacer {
  const { clock, instanceId, random = Math.random } = parts
  let plan = planOf(parts.paceNow())
  let isLoaded = false
  let isClosed = false
  let holderToken: string | undefined
  let warmUpFrom: string | undefined
  let newNotBefore = 0
  /** How far between its bounds the next gap is: worked out when it is asked for, so that a changed gap holds at once. */
  let gapShare = random()
  /** When the last request began; monotonic. */
  let lastAt = clock.monotonic()
  const meter = createSendMeter()
  const silence = createSilence(() => planNow().pace.perMinute > 0)
  let bucket = createTokenBucket(rateAt, lastAt, random)

  function planNow(): PacePlan {
    const pace = parts.paceNow()
    if (pace !== plan.pace) plan = planOf(pace)
    return plan
  }
  function rateAt(now: number): Rate {
    const { pace, rate } = planNow()
    const perMinute = silence.rateAt(now, pace.perMinute)
    if (perMinute === pace.perMinute) return rate
    return { perMinute, burst: pace.perMinute > 0 ? pace.burst : 1, isJittered: false }
  }
  const budgetOf = (kind: CountedSends, capOf: (day: string) => number | undefined) =>
    createDayBudget({
      capOf,
      dayAt: (now) => planNow().dayAt(now),
      reserve: async (request) => {
        const { granted, account } = await parts.reserve(kind, request)
        learn(account)
        return { granted, total: kind === 'all' ? account.reserved : account.newReserved }
      },
      onGranted: parts.onChange,
      onError: parts.onError,
    })
  // Made when a pace first asks for them: there may be many thousand pacers, and most count nothing by the day.
  let sends: DayBudget | undefined
  let strangers: DayBudget | undefined
  const sendsOfDay = (): DayBudget => {
    sends ??= budgetOf('all', (day) => capOfDay(planNow().pace, day, warmUpFrom))
    return sends
  }
  const strangersOfDay = (): DayBudget => {
    strangers ??= budgetOf('new', () => planNow().pace.newContactsPerDay)
    return strangers
  }

  const isStranger = (to: string): boolean =>
    planNow().pace.newContactsPerDay !== undefined && parts.book.get(instanceId, to)?.firstSentAt === undefined

  const learn = ({ notBefore, slowTo, newNotBefore: refusedUntil, warmUpFrom: from }: PaceAccount): void => {
    warmUpFrom = from ?? warmUpFrom
    newNotBefore = Math.max(newNotBefore, refusedUntil ?? 0)
    if (notBefore === undefined) return
    const until = clock.monotonic() + notBefore - clock.storeNow()
    if (silence.restore({ until, slowTo: slowTo ?? 1 })) bucket.drain(until)
  }
  /** What was taken and has not begun yet may begin now. */
  const lastBegin = (now: number): number => (bucket.isAwaiting() ? now : lastAt)
  const gapMs = (now: number): number => {
    const { gapMs: gap } = planNow().pace
    if (gap === undefined) return 0
    return Math.ceil(lastBegin(now) + gap.min + gapShare * (gap.max - gap.min) - now)
  }

  const strangersUntil = (now: number): number => {
    if (planNow().pace.newContactsPerDay === undefined) return 0
    return newNotBefore > now ? newNotBefore : strangersOfDay().until(now)
  }

  const backToDay = (to: string): void => {
    if (isClosed) {
      const [unused, newUnused] = [planNow().isCounted ? 1 : 0, isStranger(to) ? 1 : 0]
      const { day } = planNow().dayAt(clock.storeNow())
      if (unused + newUnused > 0) parts.onLate({ instanceId, day, unused, newUnused })
      return
    }
    sends?.giveBack()
    if (isStranger(to)) strangers?.giveBack()
  }

  return {
    instanceId,
    waitMs: () => {
      if (!isLoaded) return Number.POSITIVE_INFINITY
      const now = clock.monotonic()
      const silentMs = silence.waitMs(now)
      if (silentMs > 0) return silentMs
      const { isFree, isCounted, quietMs } = planNow()
      if (isFree) return bucket.waitMs(now)
      const storeNow = clock.storeNow()
      const waitMs = Math.max(quietMs(storeNow), gapMs(now), bucket.waitMs(now))
      if (waitMs > 0 || !isCounted) return Math.max(0, waitMs)
      return Math.max(0, sendsOfDay().until(storeNow) - storeNow)
    },
    room: () => {
      const now = clock.monotonic()
      const inHand = planNow().isCounted ? sendsOfDay().room(clock.storeNow()) : Number.POSITIVE_INFINITY
      const room = Math.min(bucket.room(now), inHand)
      return planNow().pace.gapMs === undefined ? room : Math.min(1, room)
    },
    isHeld: () => !isLoaded || silence.waitMs(clock.monotonic()) > 0 || planNow().quietMs(clock.storeNow()) > 0,
    take: (to) => {
      const now = clock.monotonic()
      meter.mark(now)
      bucket.take(now)
      if (planNow().isFree) return
      gapShare = random()
      sends?.take()
      if (isStranger(to)) strangers?.take()
    },
    began: () => {
      const now = clock.monotonic()
      lastAt = now
      bucket.began(now)
    },
    giveBack: (to) => {
      bucket.giveBack()
      backToDay(to)
    },
    notSent: backToDay,
    laneUntil: (to, now) => {
      const { needsContacts, pace } = planNow()
      if (!needsContacts) return 0
      const contact = parts.book.get(instanceId, to)
      if (contact === undefined) return 'unknown'
      const gapEnds = contact.lastSentAt === undefined ? 0 : contact.lastSentAt + (pace.recipientGapMs ?? 0)
      return contact.firstSentAt === undefined ? Math.max(gapEnds, strangersUntil(now)) : gapEnds
    },
    ask: (to, told) => parts.book.ask(instanceId, to, told),
    isKnownBefore: (to, at) => (parts.book.get(instanceId, to)?.firstSentAt ?? Number.POSITIVE_INFINITY) < at,
    strangersUntil,
    load: (account, token) => {
      const now = clock.monotonic()
      holderToken = token
      lastAt = Math.min(now, now + (account?.startFrom ?? clock.storeNow()) - clock.storeNow())
      bucket = createTokenBucket(rateAt, lastAt, random)
      if (account !== undefined) learn(account)
      isLoaded = true
      parts.onChange()
    },
    learn: (account) => {
      const before = newNotBefore
      learn(account)
      parts.onChange()
      return { isPaused: newNotBefore > before }
    },
    beSilent: (ms) => {
      const now = clock.monotonic()
      const { perMinute } = planNow().pace
      const end = silence.begin(now, { ms, rate: perMinute > 0 ? perMinute : meter.perMinute(now) })
      if (end === undefined) return undefined
      bucket.drain(end.until)
      return { until: clock.storeNow() + end.until - now, slowTo: end.slowTo }
    },
    close: () => {
      isClosed = true
      const now = clock.storeNow()
      const monotonic = clock.monotonic()
      const { day } = planNow().dayAt(now)
      const rest = { instanceId, day, unused: sends?.rest(now) ?? 0, newUnused: strangers?.rest(now) ?? 0 }
      if (!isLoaded || holderToken === undefined) return rest
      return { ...rest, token: holderToken, lastAt: now - (monotonic - lastBegin(monotonic)) }
    },
  }
}
