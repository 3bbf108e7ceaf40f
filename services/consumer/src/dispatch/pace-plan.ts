import { calendarDay, isQuiet, nextDayStart, type Pace, quietChangeAfter } from '@whatsapp-sender/contract'
import type { Day } from './day-budget.ts'
import type { Rate } from './token-bucket.ts'

/** A pace, with what is asked of it for each message worked out. */
export type PacePlan = Readonly<{
  pace: Pace
  rate: Rate
  /** Nothing in it holds anything. */
  isFree: boolean
  /** Its sends are counted by the day. */
  isCounted: boolean
  needsContacts: boolean
  /** 0, or the ms until the quiet hours end. */
  quietMs(storeNow: number): number
  dayAt(storeNow: number): Day
}>

const plans = new WeakMap<Pace, PacePlan>()

/** Instances that share a pace share its plan. */
export function planOf(pace: Pace): PacePlan {
  const known = plans.get(pace)
  if (known !== undefined) return known
  const plan = newPlan(pace)
  plans.set(pace, plan)
  return plan
}

function newPlan(pace: Pace): PacePlan {
  const isCounted = pace.perDay !== undefined || pace.warmUp !== undefined
  const isHeldByTime = pace.gapMs !== undefined || pace.quietHours !== undefined
  let quiet = { from: 0, to: 0, isQuiet: false }
  let day: Day & { beginsAt: number } = { day: '', beginsAt: 0, endsAt: 0 }
  return {
    pace,
    rate: { perMinute: pace.perMinute, burst: pace.burst, isJittered: pace.gapMs === undefined },
    isFree: pace.perMinute === 0 && !isCounted && !needsContacts(pace) && !isHeldByTime,
    isCounted,
    needsContacts: needsContacts(pace),
    quietMs: (now) => {
      if (pace.quietHours === undefined) return 0
      if (now < quiet.from || now >= quiet.to)
        quiet = { from: now, to: quietChangeAfter(pace, now), isQuiet: isQuiet(pace, now) }
      return quiet.isQuiet ? quiet.to - now : 0
    },
    dayAt: (now) => {
      if (now < day.beginsAt || now >= day.endsAt)
        day = { day: calendarDay(now, pace.timeZone), beginsAt: now, endsAt: nextDayStart(now, pace.timeZone) }
      return day
    },
  }
}

/** It asks what is known of recipients. */
export function needsContacts({ recipientGapMs = 0, newContactsPerDay }: Pace): boolean {
  return recipientGapMs > 0 || newContactsPerDay !== undefined
}
