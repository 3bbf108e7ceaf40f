import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createCallerLimit } from './caller-limit.ts'

describe('how often a caller may call', () => {
  test('a minute at once, then evenly: ten times as much is refused but for what the minute allows', () => {
    const { call, tick } = setUp({ userPerMinute: 60 })
    assert.equal(
      count(600, () => call('a')),
      60,
    )
    tick(999)
    assert.equal(call('a'), false)
    tick(1)
    assert.equal(call('a'), true)
    tick(3_600_000)
    assert.equal(
      count(600, () => call('a')),
      60,
    )
  })

  test('nobody feels what another does, nor one key what another key of the same user does', () => {
    const { call } = setUp({ userPerMinute: 10, keyPerMinute: 4 })
    assert.equal(
      count(20, () => call('a')),
      10,
    )
    assert.equal(call('b'), true)
    assert.equal(
      count(20, () => call('c', 'k1')),
      4,
    )
    assert.equal(
      count(3, () => call('c', 'k2')),
      3,
    )
  })

  test('whoever asks with more names than there is room for stays within it', () => {
    const { call } = setUp({ userPerMinute: 1, bucketsMax: 100 })
    assert.equal(
      count(1000, (i) => call(`u${i}`)),
      1000,
    )
    assert.equal(call('u999'), false)
  })

  test('is not there at all when nothing is limited', () => {
    assert.equal(createCallerLimit({ userPerMinute: 0, keyPerMinute: 0 }), undefined)
  })
})

function setUp(o: Readonly<{ userPerMinute?: number; keyPerMinute?: number; bucketsMax?: number }>) {
  let now = 0
  const limit = createCallerLimit({ userPerMinute: 0, keyPerMinute: 0, ...o, now: () => now })
  assert.ok(limit)
  const headers = new Map<string, unknown>()
  const call = (id: string, key?: string): boolean => {
    try {
      limit(principalOf(id, key), { setHeader: (name, value) => void headers.set(name, value) })
      return true
    } catch {
      return false
    }
  }
  const tick = (ms: number) => {
    now += ms
  }
  return { call, tick }
}

function principalOf(id: string, key: string | undefined) {
  return {
    id,
    email: `${id}@example.com`,
    role: 'sender',
    onAmbiguous: 'hold',
    ...(key !== undefined && { key: { id: key, scopes: new Set<never>() } }),
  } as const
}

function count(times: number, isDone: (i: number) => boolean): number {
  return Array.from({ length: times }, (_, i) => isDone(i)).filter(Boolean).length
}
