import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { type Clock, createClock } from './clock.ts'

const OFFSET = 1_800_000_000_000

let now: number
let clock: Clock
beforeEach(() => {
  now = 1000
  clock = createClock(
    () => now,
    () => 0,
  )
})

test('the clock of the database is known to half of its quickest answer, however long others took', () => {
  const answer = fc.record({
    there: fc.integer({ min: 0, max: 40_000 }),
    back: fc.integer({ min: 0, max: 40_000 }),
    pause: fc.integer({ min: 0, max: 5000 }),
  })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 30 }), (answers) => {
      clock = createClock(
        () => now,
        () => 0,
      )
      let quickest = Number.POSITIVE_INFINITY
      let bound = Number.POSITIVE_INFINITY
      for (const { there, back, pause } of answers) {
        ask(there, back)
        bound += (there + back + pause) * 0.001
        if (there + back < quickest) {
          quickest = there + back
          bound = Math.min(bound, (quickest + 1) / 2)
        }
        assert.ok(Math.abs(clock.storeNow() - (now + OFFSET)) <= bound + 0.001, `${clock.storeNow() - now - OFFSET}`)
        now += pause
      }
    }),
  )
})

test('an answer that is read only after the process was frozen sets no clock back', () => {
  ask(1, 1)
  ask(2, 27_000)
  assert.ok(Math.abs(clock.storeNow() - (now + OFFSET)) < 30)
})

test('a clock that is set is followed with the next answer', () => {
  ask(1, 1)
  for (const step of [60_000, -60_000]) {
    now += 5000
    ask(3, 3, OFFSET + step)
    assert.ok(Math.abs(clock.storeNow() - (now + OFFSET + step)) <= 3.5)
  }
})

/** A question that reaches the database after `there` ms, and whose answer is read `back` ms later. */
function ask(there: number, back: number, offset = OFFSET): void {
  const askedAt = now
  now += there
  const storeTime = now + offset
  now += back
  clock.adjust(storeTime, askedAt)
}
