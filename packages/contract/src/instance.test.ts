import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from './instance.ts'

const isTaken = (timeZone: string) => Pace.safeParse({ perMinute: 20, burst: 1, timeZone }).success

test('a time zone is taken by each of its names, and an offset or a name of no zone is not', () => {
  const names = ['America/Sao_Paulo', 'UTC', 'Etc/UTC', 'utc', 'Asia/Calcutta', 'Asia/Kolkata', 'US/Eastern']
  assert.deepEqual(names.filter(isTaken), names)
  assert.deepEqual(['+03:00', 'GMT+3', 'Mars/Base', 'Europe', '', 'UTC '].filter(isTaken), [])
})

test('a pace that is read again and again takes no memory beyond that of the heap', () => {
  for (const timeZone of ['America/Sao_Paulo', 'Asia/Calcutta']) {
    isTaken(timeZone)
    const before = process.memoryUsage()
    for (let i = 0; i < 4000; i += 1) isTaken(timeZone)
    const { rss, heapTotal } = process.memoryUsage()
    const outside = rss - before.rss - Math.max(0, heapTotal - before.heapTotal)
    assert.ok(outside < 16_000_000, `${timeZone}: ${Math.round(outside / 1e6)} MB`)
  }
})
