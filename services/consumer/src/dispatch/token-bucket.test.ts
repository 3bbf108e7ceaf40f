import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTokenBucket, type Rate, type TokenBucket } from './token-bucket.ts'

const MINUTE_MS = 60_000
const rate = fc.record({
  perMinute: fc.integer({ min: 1, max: 600 }),
  burst: fc.integer({ min: 1, max: 20 }),
  isJittered: fc.boolean(),
})
const random = fc.double({ min: 0, max: 1, noNaN: true })

function steady(perMinute: number, burst: number): Rate {
  return { perMinute, burst, isJittered: false }
}

function send(bucket: TokenBucket, at: number): void {
  bucket.take(at)
  bucket.began(at)
}

/** @param sent times, rising */
function assertPaced(sent: readonly number[], { perMinute, burst }: Rate, slackMs = 0): void {
  sent.forEach((from, first) => {
    sent.slice(first).forEach((to, more) => {
      const most = burst + ((to - from + slackMs) * perMinute) / MINUTE_MS
      assert.ok(more + 1 <= most + 1e-6, `${more + 1} in ${to - from} ms, at most ${most}`)
    })
  })
}

test('no window ever holds more messages than its share of the pace and one burst', () => {
  fc.assert(
    fc.property(
      rate,
      random,
      fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }),
      (rate, drawn, gaps) => {
        const bucket = createTokenBucket(
          () => rate,
          0,
          () => drawn,
        )
        const sent: number[] = []
        let now = 0
        for (const gap of gaps) {
          now += gap
          if (bucket.waitMs(now) > 0) continue
          send(bucket, now)
          sent.push(now)
        }
        assertPaced(sent, rate)
      },
    ),
  )
})

test('no window ever holds more than that, and what a tenth of a second adds, of requests that begin long after they were let go', () => {
  const step = fc.record({ gap: fc.integer({ min: 0, max: 5000 }), begins: fc.integer({ min: 0, max: 4 }) })
  fc.assert(
    fc.property(rate, fc.array(step, { maxLength: 200 }), (rate, steps) => {
      const bucket = createTokenBucket(() => rate, 0)
      const sent: number[] = []
      let [now, waiting] = [0, 0]
      for (const { gap, begins } of steps) {
        now += gap
        for (; bucket.waitMs(now) === 0; waiting++) bucket.take(now)
        const beginning = Math.min(begins, waiting)
        for (let n = 0; n < beginning; n++) {
          bucket.began(now)
          sent.push(now)
        }
        waiting -= beginning
      }
      assertPaced(sent, rate, 100)
    }),
  )
})

test('the time that a claim takes is not lost of the rate', () => {
  const bucket = createTokenBucket(() => steady(600, 1), 0)
  let [now, sent] = [0, 0]
  for (; now < 60_000; sent++) {
    now += bucket.waitMs(now)
    bucket.take(now)
    now += 30
    bucket.began(now)
  }
  assert.ok(sent >= 598, `${sent} of 600`)
})

test('whoever waits as long as he is told may go', () => {
  fc.assert(
    fc.property(rate, fc.integer({ min: 0, max: MINUTE_MS }), (rate, idle) => {
      const bucket = createTokenBucket(() => rate, 0)
      let now = idle
      for (let n = 0; n < 50; n++) {
        now += bucket.waitMs(now)
        // Fractions of a token may leave a rest of a millisecond.
        now += bucket.waitMs(now)
        assert.equal(bucket.waitMs(now), 0)
        send(bucket, now)
      }
    }),
  )
})

test('it begins empty: who owns the instance from now on cannot know what has just left', () => {
  const bucket = createTokenBucket(() => steady(60, 5), 10_000)
  assert.equal(bucket.waitMs(10_000), 1000)
})

test('a pace of 0 holds nothing back', () => {
  const bucket = createTokenBucket(() => steady(0, 1), 0)
  for (let n = 0; n < 1000; n++) {
    assert.equal(bucket.waitMs(0), 0)
    send(bucket, 0)
  }
})

test('a changed pace holds at once', () => {
  let perMinute = 60
  const bucket = createTokenBucket(() => steady(perMinute, 1), 0)
  assert.equal(bucket.waitMs(0), 1000)
  perMinute = 600
  assert.equal(bucket.waitMs(0), 100)
})

test('what did not leave is given back, and never becomes more than a burst', () => {
  const bucket = createTokenBucket(() => steady(60, 2), 0)
  assert.equal(bucket.waitMs(60_000), 0)
  bucket.take(60_000)
  bucket.giveBack()
  bucket.giveBack()
  for (let n = 0; n < 2; n++) send(bucket, 60_000)
  assert.equal(bucket.waitMs(60_000), 1000)
})

test('a jittered rate varies its intervals by a fifth and keeps its mean', () => {
  const bucket = createTokenBucket(() => ({ perMinute: 60, burst: 5, isJittered: true }), 0)
  const sent: number[] = []
  for (let now = 0; sent.length < 1001; now += Math.max(1, bucket.waitMs(now))) {
    if (bucket.waitMs(now) > 0) continue
    send(bucket, now)
    sent.push(now)
  }
  const gaps = sent.slice(1).map((at, index) => at - (sent[index] ?? 0))
  assert.ok(Math.min(...gaps) >= 800 - 2 && Math.max(...gaps) <= 1200 + 2)
  assert.ok(Math.max(...gaps) - Math.min(...gaps) > 200, 'they differ')
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  assert.ok(Math.abs(mean - 1000) < 2, `${mean} ms`)
})

test('a request that waited long for its place does not leave together with a full bucket', () => {
  const bucket = createTokenBucket(() => steady(60, 3), 0)
  bucket.take(10_000)
  assert.equal(bucket.room(20_000), 2)
  bucket.began(20_000)
  assert.equal(bucket.room(20_000), 2)
})

test('a drained bucket fills from then on', () => {
  const bucket = createTokenBucket(() => steady(60, 3), 0)
  bucket.drain(20_000)
  assert.equal(bucket.waitMs(10_000), 11_000)
  assert.equal(bucket.room(21_000), 1)
})
