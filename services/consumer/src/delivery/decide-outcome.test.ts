import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SendFailure } from '@whatsapp-sender/contract'
import { laneRow } from '../../tests/support/lane-row.ts'
import { decideOutcome } from './decide-outcome.ts'

const NOW = 1_000_000
const POLICY = { attemptsMax: 10, baseMs: 500, capMs: 300_000 }

test('an answer with an id is sent, and its attempt counts', () => {
  const { outcome } = written(decide({ kind: 'sent', providerMessageId: 'A1', remoteJid: undefined }))
  assert.deepEqual(outcome, {
    id: 'message-1',
    claim: 'token',
    counted: true,
    status: 'sent',
    providerMessageId: 'A1',
    by: 'answer',
    attempt: { number: 3, startedAt: new Date(500), durationMs: 42, outcome: 'sent' },
  })
})

test('the address that a message went to is kept when it is another than the one given', () => {
  const resolved = (to: string, remoteJid: string) => {
    const facts = {
      row: { ...laneRow({ id: 'message-1' }), to },
      claim: 'token',
      startedAt: new Date(0),
      durationMs: 1,
    }
    const result = { kind: 'sent', providerMessageId: 'A1', remoteJid } as const
    const { outcome } = written(decideOutcome(facts, result, { policy: POLICY, now: NOW }))
    return outcome.status === 'sent' ? outcome.resolvedTo : assert.fail(outcome.status)
  }
  assert.equal(resolved('+5531988881000', '553188881000@s.whatsapp.net'), '553188881000@s.whatsapp.net')
  assert.equal(resolved('+5531988881000', '123456789012345@lid'), '123456789012345@lid')
  assert.equal(resolved('+5531988881000', '5531988881000@s.whatsapp.net'), undefined)
  assert.equal(resolved('120363041234567890@g.us', '120363041234567890@g.us'), undefined)
})

test('what will never work ends the message with its reason, and the attempt keeps what Evolution said', () => {
  const { outcome } = written(decide(failed({ kind: 'permanent', code: 'not-on-whatsapp', httpStatus: 400 })))
  assert.equal(outcome.status, 'failed')
  assert.deepEqual('reason' in outcome && outcome.reason, { code: 'not-on-whatsapp', detail: 'said so' })
  assert.deepEqual(outcome.attempt.error, {
    kind: 'permanent',
    code: 'not-on-whatsapp',
    detail: 'said so',
    httpStatus: 400,
  })
})

test('what may work later is counted and tried again within the jittered backoff of its attempt', () => {
  for (const [attemptsCount, most] of [
    [0, 500],
    [1, 1000],
    [5, 16_000],
  ] as const) {
    for (const random of [0, 0.5, 0.999]) {
      const waitMs = waitOf(decide(failed({ kind: 'transient' }), attemptsCount, random))
      assert.ok(waitMs >= 0 && waitMs <= most, `${waitMs} ms after attempt ${attemptsCount + 1}`)
    }
  }
  assert.equal(written(decide(failed({ kind: 'transient' }))).outcome.counted, true)
})

test('the time that Evolution names goes before the backoff', () => {
  assert.equal(waitOf(decide(failed({ kind: 'transient', retryAfterMs: 7000 }))), 7000)
})

test('the last attempt that is allowed ends a message as dead-lettered, the one before it does not', () => {
  assert.equal(written(decide(failed({ kind: 'transient' }), 8)).outcome.status, 'queued')
  const { outcome } = written(decide(failed({ kind: 'transient' }), 9))
  assert.deepEqual([outcome.status, outcome.attempt.outcome], ['dead-lettered', 'dead-lettered'])
})

for (const kind of ['rate-limited', 'instance-down', 'configuration'] as const) {
  test(`${kind} says nothing about the message: it waits for its gate and loses no attempt, however many there were`, () => {
    const { outcome } = written(decide(failed({ kind, retryAfterMs: 9000 }), 9))
    assert.deepEqual([outcome.status, outcome.counted, outcome.attempt.outcome], ['queued', false, 'released'])
    assert.equal('nextAttemptAt' in outcome && outcome.nextAttemptAt, undefined)
  })
}

test('a server that sends nothing uses up no attempt, however often: the message waits 10 s at most', () => {
  for (const misses of [0, 1, 30]) {
    const decision = decide(failed({ kind: 'server-down' }), 9, 0.999, misses)
    assert.deepEqual([written(decision).outcome.status, written(decision).outcome.counted], ['queued', false])
    const most = Math.min(10_000, 500 * 2 ** misses)
    assert.ok(waitOf(decision) <= most && waitOf(decision) > most * 0.99)
  }
  assert.equal(waitOf(decide(failed({ kind: 'server-down', retryAfterMs: 20_000 }))), 20_000)
})

test('what may have left is not decided here', () => {
  const decision = decide(failed({ kind: 'ambiguous', code: 'timeout' }))
  assert.equal(decision.kind, 'ambiguous')
})

function decide(result: Parameters<typeof decideOutcome>[1], attemptsCount = 2, random = 0.5, misses = 0) {
  const facts = {
    row: { ...laneRow({ attemptsCount }), misses },
    claim: 'token',
    startedAt: new Date(500),
    durationMs: 42,
  }
  return decideOutcome(facts, result, { policy: POLICY, now: NOW, random: () => random })
}

function failed(failure: Partial<SendFailure> & Pick<SendFailure, 'kind'>) {
  return { kind: 'failed', failure: { code: failure.kind, detail: 'said so', ...failure } } as const
}

function written(decision: ReturnType<typeof decide>) {
  return decision.kind === 'write' ? decision : assert.fail('nothing is to be written')
}

function waitOf(decision: ReturnType<typeof decide>): number {
  const { outcome } = written(decision)
  assert.ok(outcome.status === 'queued' && outcome.nextAttemptAt)
  return outcome.nextAttemptAt.getTime() - NOW
}
