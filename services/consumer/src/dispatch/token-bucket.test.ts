import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTokenBucket } from './token-bucket.ts'

const MINUTE_MS = 60_000
const pace = fc.record({ perMinute: fc.integer({ min: 1, max: 600 }), burst: fc.integer({ min: 1, max: 20 }) })

test('no window ever holds more messages than its share of the pace and one burst', () => {
  fc.assert(
    fc.property(pace, fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (pace, gaps) => {
      const bucket = createTokenBucket(() => pace, 0)
      const sent: number[] = []
      let now = 0
      for (const gap of gaps) {
        now += gap
        if (bucket.waitMs(now) > 0) continue
        bucket.take(now)
        sent.push(now)
      }
      sent.forEach((from, first) => {
        sent.slice(first).forEach((to, more) => {
          const most = pace.burst + ((to - from) * pace.perMinute) / MINUTE_MS
          assert.ok(more + 1 <= most + 1e-6, `${more + 1} in ${to - from} ms, at most ${most}`)
        })
      })
    }),
  )
})

test('whoever waits as long as he is told may go', () => {
  fc.assert(
    fc.property(pace, fc.integer({ min: 0, max: MINUTE_MS }), (pace, idle) => {
      const bucket = createTokenBucket(() => pace, 0)
      let now = idle
      for (let n = 0; n < 50; n++) {
        now += bucket.waitMs(now)
        // Fractions of a token may leave a rest of a millisecond.
        now += bucket.waitMs(now)
        assert.equal(bucket.waitMs(now), 0)
        bucket.take(now)
      }
    }),
  )
})

test('it begins empty: who owns the instance from now on cannot know what has just left', () => {
  const bucket = createTokenBucket(() => ({ perMinute: 60, burst: 5 }), 10_000)
  assert.equal(bucket.waitMs(10_000), 1000)
})

test('a pace of 0 holds nothing back', () => {
  const bucket = createTokenBucket(() => ({ perMinute: 0, burst: 1 }), 0)
  for (let n = 0; n < 1000; n++) {
    assert.equal(bucket.waitMs(0), 0)
    bucket.take(0)
  }
})

test('a changed pace holds at once', () => {
  let perMinute = 60
  const bucket = createTokenBucket(() => ({ perMinute, burst: 1 }), 0)
  assert.equal(bucket.waitMs(0), 1000)
  perMinute = 600
  assert.equal(bucket.waitMs(0), 100)
})

test('what did not leave is given back, and never becomes more than a burst', () => {
  const bucket = createTokenBucket(() => ({ perMinute: 60, burst: 2 }), 0)
  assert.equal(bucket.waitMs(60_000), 0)
  bucket.take(60_000)
  bucket.giveBack()
  bucket.giveBack()
  for (let n = 0; n < 2; n++) bucket.take(60_000)
  assert.equal(bucket.waitMs(60_000), 1000)
})
