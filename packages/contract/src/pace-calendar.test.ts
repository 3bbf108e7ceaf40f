import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Pace } from './instance.ts'
import {
  calendarDay,
  capOfDay,
  isQuiet,
  newContactHoldAt,
  newContactPauseEnd,
  nextDayStart,
  paceHoldAt,
  quietChangeAfter,
  quietUntil,
} from './pace-calendar.ts'

const ZONES = [
  'UTC',
  'America/Sao_Paulo',
  'Europe/Berlin',
  'America/New_York',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
]
const MINUTE_MS = 60_000
const year = { min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }

test('quiet hours past midnight are those of the instance, not of the server', () => {
  const pace = paceOf({ quietHours: { from: '22:00', to: '08:00' }, timeZone: 'America/Sao_Paulo' })
  assert.equal(quietUntil(pace, Date.parse('2026-03-10T21:59:59-03:00')), undefined)
  assert.equal(quietUntil(pace, Date.parse('2026-03-10T22:00:00-03:00')), Date.parse('2026-03-11T08:00:00-03:00'))
  assert.equal(quietUntil(pace, Date.parse('2026-03-11T07:59:59-03:00')), Date.parse('2026-03-11T08:00:00-03:00'))
  assert.equal(quietUntil(pace, Date.parse('2026-03-11T08:00:00-03:00')), undefined)
})

test('quiet hours end by the wall clock in the night when clocks are changed', () => {
  const pace = paceOf({ quietHours: { from: '22:00', to: '07:00' }, timeZone: 'Europe/Berlin' })
  assert.equal(quietUntil(pace, Date.parse('2026-03-28T23:00:00+01:00')), Date.parse('2026-03-29T07:00:00+02:00'))
  assert.equal(quietUntil(pace, Date.parse('2026-10-24T23:00:00+02:00')), Date.parse('2026-10-25T07:00:00+01:00'))
})

test('quiet hours whose end the clocks jump over end with the jump', () => {
  const pace = paceOf({ quietHours: { from: '01:00', to: '02:30' }, timeZone: 'Europe/Berlin' })
  assert.equal(quietUntil(pace, Date.parse('2026-03-29T01:30:00+01:00')), Date.parse('2026-03-29T03:00:00+02:00'))
})

test('quiet hours shorter than what the clocks jump over are found on the day after, and within the jump', () => {
  const lordHowe = 'Australia/Lord_Howe'
  const short = paceOf({ quietHours: { from: '00:00', to: '00:01' }, timeZone: lordHowe })
  assert.equal(
    quietChangeAfter(short, Date.parse('2026-10-04T00:01:00+10:30')),
    Date.parse('2026-10-05T00:00:00+11:00'),
  )
  const begun = paceOf({ quietHours: { from: '02:15', to: '02:40' }, timeZone: lordHowe })
  assert.equal(
    quietChangeAfter(begun, Date.parse('2026-10-04T00:00:00+10:30')),
    Date.parse('2026-10-04T02:30:00+11:00'),
  )
  const skipped = paceOf({ quietHours: { from: '02:10', to: '02:20' }, timeZone: lordHowe })
  assert.equal(
    quietChangeAfter(skipped, Date.parse('2026-10-04T00:00:00+10:30')),
    Date.parse('2026-10-05T02:10:00+11:00'),
  )
})

test('quiet hours that are on when the clocks jump over their end do not end before they are asked about', () => {
  const cairo = paceOf({ quietHours: { from: '23:32', to: '00:19' }, timeZone: 'Africa/Cairo' })
  assert.equal(quietUntil(cairo, Date.parse('2026-04-23T23:46:22+02:00')), Date.parse('2026-04-24T01:00:00+03:00'))
})

test('between a moment and the next change it stays as quiet as it is, and at the change it turns', () => {
  const time = fc
    .integer({ min: 0, max: 1439 })
    .map((minute) => new Date(minute * MINUTE_MS).toISOString().slice(11, 16))
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), time, time, fc.integer(year), (timeZone, from, to, at) => {
      fc.pre(from !== to)
      const pace = paceOf({ quietHours: { from, to }, timeZone })
      const change = quietChangeAfter(pace, at)
      assert.ok(change > at && change <= at + 26 * 3_600_000, `${change - at} ms`)
      assert.notEqual(isQuiet(pace, change), isQuiet(pace, at))
      assert.equal(isQuiet(pace, change - 1), isQuiet(pace, at))
    }),
  )
})

test('the next day begins where the date changes, in every zone and on every day of the year', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer(year), (timeZone, at) => {
      const start = nextDayStart(at, timeZone)
      assert.ok(start > at && start <= at + 25 * 3_600_000)
      assert.equal(calendarDay(start - 1, timeZone), calendarDay(at, timeZone))
      assert.ok(calendarDay(start, timeZone) > calendarDay(at, timeZone))
    }),
  )
})

test('a day may begin an hour late, where clocks are changed at midnight', () => {
  const at = Date.parse('2026-04-23T20:00:00+02:00')
  assert.equal(nextDayStart(at, 'Africa/Cairo'), Date.parse('2026-04-24T01:00:00+03:00'))
})

test('warm-up caps hold from the first day of the plan on, then the lasting cap', () => {
  const pace = paceOf({ warmUp: [20, 40], perDay: 1000 })
  assert.equal(capOfDay(pace, '2026-02-28'), 20)
  const caps = ['2026-02-28', '2026-03-01', '2026-03-02'].map((day) => capOfDay(pace, day, '2026-02-28'))
  assert.deepEqual(caps, [20, 40, 1000])
  assert.equal(capOfDay(paceOf({ warmUp: [20] }), '2026-03-05', '2026-03-01'), undefined)
})

test('what holds an instance is said with its end: silence, quiet hours, the cap of the day', () => {
  const at = Date.parse('2026-03-10T12:00:00Z')
  const pace = paceOf({ perDay: 10, quietHours: { from: '20:00', to: '06:00' } })
  const facts = { day: '2026-03-10', reserved: 10, newReserved: 0 }
  const cap = { reason: 'daily-cap', until: Date.parse('2026-03-11T00:00:00Z') }
  assert.deepEqual(paceHoldAt(pace, facts, at), cap)
  assert.equal(paceHoldAt(pace, { ...facts, day: '2026-03-09' }, at), undefined)
  assert.equal(paceHoldAt(pace, undefined, at), undefined)
  assert.deepEqual(paceHoldAt(pace, { ...facts, notBefore: at + 5 }, at), { reason: 'silence', until: at + 5 })
  const night = Date.parse('2026-03-10T21:00:00Z')
  assert.deepEqual(paceHoldAt(pace, facts, night), { reason: 'quiet-hours', until: Date.parse('2026-03-11T06:00:00Z') })
})

test('a new recipient waits for the next day once the budget is spent, and longer after a refusal', () => {
  const at = Date.parse('2026-03-10T12:00:00Z')
  const pace = paceOf({ newContactsPerDay: 3 })
  const facts = { day: '2026-03-10', reserved: 0, newReserved: 3 }
  assert.equal(newContactHoldAt(pace, facts, at), Date.parse('2026-03-11T00:00:00Z'))
  assert.equal(newContactHoldAt(pace, { ...facts, newReserved: 2 }, at), undefined)
  assert.equal(newContactHoldAt(pace, { ...facts, newReserved: 0, newNotBefore: at + 9 }, at), at + 9)
  assert.equal(newContactHoldAt(paceOf({}), facts, at), undefined)
})

test('a refused recipient costs the rest of the day, and six hours at least', () => {
  const [noon, late] = [Date.parse('2026-03-10T12:00:00Z'), Date.parse('2026-03-10T23:00:00Z')]
  assert.equal(newContactPauseEnd({}, noon), Date.parse('2026-03-11T00:00:00Z'))
  assert.equal(newContactPauseEnd({}, late), Date.parse('2026-03-11T05:00:00Z'))
})

function paceOf(facts: Partial<Pace>): Pace {
  return { perMinute: 60, burst: 5, ...facts }
}
