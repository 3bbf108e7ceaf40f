import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followMessage, type Messages, type Outcome, type Trouble } from './follow-message.ts'

type Found = Awaited<ReturnType<Messages['statusOf']>>

const BUSY: Trouble = { kind: 'refused', httpStatus: 503, code: 'unavailable', retryAfterMs: 7000 }
const AWAY: Trouble = { kind: 'unreachable', err: new Error('connection refused') }

test('each stage counts from the request until it was seen, and the message has arrived where it has to be', async () => {
  const { outcome, reached, looks } = await follow({ until: 'read', found: ['queued', 'sent', 'delivered', 'read'] })
  assert.deepEqual(outcome, { kind: 'arrived', messageId: 'one' })
  assert.deepEqual(
    reached.map(([stage]) => stage),
    ['accepted', 'sent', 'delivered', 'read'],
  )
  const seconds = reached.map(([, each]) => each)
  assert.deepEqual(
    seconds,
    seconds.toSorted((a, b) => a - b),
  )
  assert.equal(looks, 4)
})

test('stages that were passed between two looks are reached as well, and none is waited for beyond the goal', async () => {
  const { outcome, reached } = await follow({ until: 'sent', found: ['queued', 'delivered'] })
  assert.equal(outcome.kind, 'arrived')
  assert.deepEqual(
    reached.map(([stage]) => stage),
    ['accepted', 'sent', 'delivered'],
  )
})

test('a message that is not there in time is late, and is looked at no more', async () => {
  const { outcome, endedAtMs } = await follow({ until: 'delivered', found: ['sent'], patienceMs: 20_000 })
  assert.deepEqual(outcome, { kind: 'late', status: 'sent', messageId: 'one' })
  assert.equal(endedAtMs, 20_000)
})

test('a message that failed has ended, however much time is left', async () => {
  const { outcome, looks } = await follow({ until: 'delivered', found: ['queued', 'failed'] })
  assert.deepEqual(outcome, { kind: 'ended', status: 'failed', messageId: 'one' })
  assert.equal(looks, 2)
})

test('what the API refuses to take is not followed', async () => {
  const { outcome, reached, looks } = await follow({ sent: BUSY, found: ['sent'] })
  assert.deepEqual([outcome, reached, looks], [BUSY, [], 0])
})

test('an API that is away for a while is asked again, after what it asked for', async () => {
  const { outcome, endedAtMs } = await follow({ until: 'sent', found: [BUSY, AWAY, 'sent'] })
  assert.equal(outcome.kind, 'arrived')
  assert.ok(endedAtMs >= 7000 && endedAtMs < 10_000, String(endedAtMs))
})

test('an API that stays away is what was wrong, not the message', async () => {
  const { outcome } = await follow({ until: 'sent', found: ['queued', AWAY], patienceMs: 5000 })
  assert.deepEqual(outcome, { ...AWAY, messageId: 'one' })
})

/** Plays it in a time of its own: a look finds what is next in `found`, or its last again. */
async function follow(
  o: Readonly<{
    found: readonly (string | Trouble)[]
    sent?: Trouble
    until?: 'sent' | 'delivered' | 'read'
    patienceMs?: number
  }>,
): Promise<Readonly<{ outcome: Outcome; reached: [string, number][]; looks: number; endedAtMs: number }>> {
  let clock = 0
  let looks = 0
  const reached: [string, number][] = []
  const outcome = await followMessage({
    messages: {
      send: async () => {
        clock += 30
        return o.sent ?? { kind: 'accepted', id: 'one' }
      },
      statusOf: async (id): Promise<Found> => {
        assert.equal(id, 'one')
        const found = o.found[Math.min(looks, o.found.length - 1)] ?? assert.fail()
        looks += 1
        return typeof found === 'string' ? { kind: 'status', status: found } : found
      },
    },
    until: o.until ?? 'delivered',
    patienceMs: o.patienceMs ?? 60_000,
    onReached: (stage, seconds) => void reached.push([stage, seconds]),
    now: () => clock,
    wait: async (ms) => {
      clock += ms
    },
  })
  return { outcome, reached, looks, endedAtMs: clock }
}
