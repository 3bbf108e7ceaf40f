import type { Pace } from './instance.ts'

/** What is kept of an instance's pace beyond the process that sends for it. Times are ms since the epoch. */
export type PaceFacts = Readonly<{
  /** The calendar day that the counts below belong to, as `calendarDay` writes it. */
  day?: string | undefined
  /** Sends of that day that were granted so far, and those of them to recipients never written to before. */
  reserved: number
  newReserved: number
  /** Nothing leaves before then: WhatsApp, or a proxy, asked for silence. */
  notBefore?: number | undefined
  /** Nothing leaves to a new recipient before then: WhatsApp refused one. */
  newNotBefore?: number | undefined
  /** The first day of the warm-up plan. */
  warmUpFrom?: string | undefined
}>

export type PaceHold = Readonly<{ reason: 'silence' | 'quiet-hours' | 'daily-cap'; until: number }>

/** What holds all sends of an instance at a moment, if the pace does, and until when; the store's clock, ms. */
export function paceHoldAt(pace: Pace, facts: PaceFacts | undefined, at: number): PaceHold | undefined {
  const silent = facts?.notBefore ?? 0
  if (silent > at) return { reason: 'silence', until: silent }
  const quiet = quietUntil(pace, at)
  if (quiet !== undefined) return { reason: 'quiet-hours', until: quiet }
  const day = calendarDay(at, pace.timeZone)
  const cap = capOfDay(pace, day, facts?.warmUpFrom)
  if (cap === undefined || facts?.day === undefined || facts.day < day || facts.reserved < cap) return undefined
  return { reason: 'daily-cap', until: nextDayStart(at, pace.timeZone) }
}

/** Until when a recipient who was never written to has to wait, if he has to. */
export function newContactHoldAt(pace: Pace, facts: PaceFacts | undefined, at: number): number | undefined {
  if (pace.newContactsPerDay === undefined) return undefined
  const refused = facts?.newNotBefore ?? 0
  if (refused > at) return refused
  const day = calendarDay(at, pace.timeZone)
  const granted = facts?.day !== undefined && facts.day >= day ? facts.newReserved : 0
  return granted < pace.newContactsPerDay ? undefined : nextDayStart(at, pace.timeZone)
}

/**
 * Until when no new recipient is written to after WhatsApp refused one: the rest of the day is lost, as the day is what
 * new recipients are counted by, and some hours at least, or a refusal before midnight would cost nothing.
 */
export function newContactPauseEnd({ timeZone }: Pick<Pace, 'timeZone'>, at: number): number {
  return Math.max(nextDayStart(at, timeZone), at + PAUSE_MIN_MS)
}

/**
 * How many messages may leave on a day; undefined: no limit. `warmUpFrom`: the plan's first day, which is this very day
 * if it has not begun.
 */
export function capOfDay(pace: Pace, day: string, warmUpFrom = day): number | undefined {
  const index = Math.round((Date.parse(day) - Date.parse(warmUpFrom)) / DAY_MS)
  return pace.warmUp?.[Math.max(0, index)] ?? pace.perDay
}

/** The end of the quiet hours that are on at a moment; undefined: there are none now. */
export function quietUntil(pace: Pace, at: number): number | undefined {
  return isQuiet(pace, at) ? quietChangeAfter(pace, at) : undefined
}

export function isQuiet({ quietHours, timeZone }: Pace, at: number): boolean {
  if (quietHours === undefined) return false
  const minute = localTime(at, timeZone).minuteOfDay
  const [from, to] = [minuteOf(quietHours.from), minuteOf(quietHours.to)]
  return from < to ? from <= minute && minute < to : from <= minute || minute < to
}

/** When quiet hours next begin or end; `Infinity` without quiet hours. */
export function quietChangeAfter(pace: Pace, at: number): number {
  const { quietHours, timeZone } = pace
  if (quietHours === undefined) return Number.POSITIVE_INFINITY
  const quiet = isQuiet(pace, at)
  const next = minuteOf(quiet ? quietHours.to : quietHours.from)
  const now = localTime(at, timeZone)
  const aheadMinutes = (next - now.minuteOfDay + MINUTES_A_DAY) % MINUTES_A_DAY || MINUTES_A_DAY
  const guess = floorToMinute(at) + aheadMinutes * MINUTE_MS
  const turns = (minute: number) => isQuiet(pace, minute) !== quiet
  // Where clocks are changed in between, the guess is off by as much.
  const due = guess + now.offsetMs - localTime(guess, timeZone).offsetMs
  if (due > at && turns(due)) return firstMinute(at, due, turns)
  // The clocks jump over it, between these two: it comes with the jump, unless they jump over all of it.
  for (let minute = Math.max(due, floorToMinute(at) + MINUTE_MS); minute <= guess; minute += MINUTE_MS) {
    if (turns(minute)) return minute
  }
  return quietChangeAfter(pace, Math.max(at, guess))
}

/** `YYYY-MM-DD`; later days compare as greater. */
export function calendarDay(at: number, timeZone?: string): string {
  return localTime(at, timeZone).day
}

/** The first moment of the next calendar day, which is not midnight where the clocks are changed at midnight. */
export function nextDayStart(at: number, timeZone?: string): number {
  const today = calendarDay(at, timeZone)
  return firstMinute(at, at + DAY_MS + 2 * HOUR_MS, (minute) => calendarDay(minute, timeZone) > today)
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const MINUTES_A_DAY = 1440
const PAUSE_MIN_MS = 6 * HOUR_MS

/** The first whole minute after `from`, at most `to`, from which on `isPast` holds. */
function firstMinute(from: number, to: number, isPast: (at: number) => boolean): number {
  let before = floorToMinute(from)
  let after = Math.ceil(to / MINUTE_MS) * MINUTE_MS
  while (after - before > MINUTE_MS) {
    const middle = floorToMinute((before + after) / 2)
    if (isPast(middle)) after = middle
    else before = middle
  }
  return after
}

function floorToMinute(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS
}

function minuteOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3))
}

function localTime(at: number, timeZone = 'UTC') {
  const local = localMinuteOf(at, timeZone)
  const day = new Date(local).toISOString().slice(0, 10)
  return { day, minuteOfDay: (local / MINUTE_MS) % MINUTES_A_DAY, offsetMs: local - floorToMinute(at) }
}

/** The wall clock of the zone, as if it were UTC; ms at a whole minute. */
function localMinuteOf(at: number, timeZone: string): number {
  const { year, month, day, hour, minute } = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute)
}

const FORMATS_MAX = 1000
const formats = new Map<string, Intl.DateTimeFormat>()

/** Making one costs a thousand times what using it does. There are more spellings of zones than zones. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  if (formats.size >= FORMATS_MAX) formats.clear()
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  formats.set(timeZone, made)
  return made
}
