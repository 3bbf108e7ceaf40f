import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGivenUp, judgeAttempt, restMs } from './judge-attempt.ts'

const NOW = new Date('2026-01-01T00:00:00Z')

test('only 2xx is success: redirects, errors and silence are tried again', () => {
  const ends = [200, 201, 204, 299, 100, 301, 302, 308, 400, 404, 429, 500, 503, undefined].map((status) => {
    const { end, endpoint } = judgeAttempt({ tries: 0, status }, NOW, () => 0)
    return `${status} ${end.state} ${endpoint}`
  })
  assert.deepEqual(
    ends.slice(0, 4),
    ['200', '201', '204', '299'].map((status) => `${status} delivered well`),
  )
  for (const end of ends.slice(4)) assert.match(end, / waiting failing$/)
})

test('410 ends the delivery and the endpoint', () => {
  assert.deepEqual(
    judgeAttempt({ tries: 0, status: 410 }, NOW, () => 0),
    { end: { state: 'failed' }, endpoint: 'gone' },
  )
})

test('retries come after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, each up to a fifth later; then it has failed', () => {
  const pauses = (random: number) =>
    Array.from({ length: 8 }, (_, tries) => {
      const { end } = judgeAttempt({ tries, status: 500 }, NOW, () => random)
      return end.state === 'waiting' ? (end.nextAttemptAt.getTime() - NOW.getTime()) / 1000 : end.state
    })
  assert.deepEqual(pauses(0), [5, 300, 1800, 7200, 18_000, 36_000, 36_000, 'failed'])
  assert.deepEqual(pauses(1), [6, 360, 2160, 8640, 21_600, 43_200, 43_200, 'failed'])
})

test('an endpoint rests after the third failure in a row, longer each time, a minute at most', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9, 1000].map(restMs), [0, 0, 1000, 2000, 4000, 60_000, 60_000])
})

test('an endpoint is given up when it has failed for a day', () => {
  const after = (ms: number) => isGivenUp(NOW, new Date(NOW.getTime() + ms))
  assert.deepEqual([after(86_399_999), after(86_400_000)], [false, true])
})
