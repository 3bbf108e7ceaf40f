import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRateMeter } from './rate-meter.ts'

test('a steady rate is told as it is', () => {
  const meter = createRateMeter()
  for (let now = 0; now < 3000; now += 10) meter.mark(now)
  const rate = meter.perSecond(3000)
  assert.ok(rate > 90 && rate < 110, `${rate} per second`)
})

test('after a silence of a second the rate is 0', () => {
  const meter = createRateMeter()
  for (let now = 0; now < 1000; now += 10) meter.mark(now)
  assert.equal(meter.perSecond(2100), 0)
})

test('the first events tell a rate before half a second has passed', () => {
  const meter = createRateMeter()
  for (let now = 10_000; now <= 10_100; now += 10) meter.mark(now)
  const rate = meter.perSecond(10_100)
  assert.ok(rate > 90 && rate < 120, `${rate} per second`)
})
