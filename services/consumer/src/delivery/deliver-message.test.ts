import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { SendFailure, SendResult } from '@whatsapp-sender/contract'
import type { LaneRow, Outcome } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { endedOutcome } from './decide-outcome.ts'
import { type Admission, type Claim, createDeliverMessage, type DeliverySteps } from './deliver-message.ts'

const SENT: SendResult = { kind: 'sent', providerMessageId: 'A1', remoteJid: undefined }

let now: number
/** What happened, in order. */
let done: string[]
let admission: () => Admission
let claimed: () => Claim | undefined
let answer: SendResult
/** How far the wall clock is ahead of the monotonic one, which stands while the machine sleeps. */
let slept: number
let hasSlot: boolean
let stored: LaneRow[]
let ended: number
let outcomes: Outcome[]
let whileWaitingForSlot: () => void
let whileConnecting: () => void
let whileKept: () => void
/** The process learns of the instance only now. */
let isNewInstance: boolean
/** False: the breaker's one message is another. */
let mayBeginRequest: boolean

beforeEach(() => {
  now = 100_000
  done = []
  outcomes = []
  ended = 1
  admission = () => ({ kind: 'go', apiKey: 'key' })
  claimed = () => ({ token: 'token', at: { monotonic: now, wall: now } })
  slept = 0
  hasSlot = true
  stored = []
  answer = SENT
  whileWaitingForSlot = () => {}
  whileConnecting = () => {}
  whileKept = () => {}
  mayBeginRequest = true
  isNewInstance = false
})

test('a message is claimed, sent and written, and its slot is free before it is written', async () => {
  const { result, begun } = await deliver()
  assert.deepEqual(result, { kind: 'ended' })
  assert.deepEqual(done, [
    'learn',
    'claim',
    'slot',
    'send with key',
    'pace told',
    'gate sent',
    'answered',
    'pace kept',
    'record sent',
    'told sent',
  ])
  assert.equal(begun, true)
})

test('the time of a send is that of its request: what is written after it does not count', async () => {
  whileConnecting = () => {
    now += 120
  }
  whileKept = () => {
    now += 900
  }
  await deliver()
  const [outcome] = outcomes
  assert.ok(outcome?.status === 'sent' && outcome.by !== 'evidence')
  assert.equal(outcome.attempt.durationMs, 120)
})

test('what may not go now waits a moment and is not claimed', async () => {
  admission = () => ({ kind: 'hold' })
  const { result, begun } = await deliver()
  assert.ok(result.kind === 'waits' && result.row.nextAttemptAt !== undefined && result.row.nextAttemptAt > now)
  assert.deepEqual([done, begun], [['learn'], false])
})

test('a message of an instance that was not known is not sent before its pace is', async () => {
  isNewInstance = true
  const { result, begun } = await deliver()
  assert.deepEqual([result, begun, done], [{ kind: 'waits', row: laneRow() }, false, ['learn']])
})

test('a message whose time ran out ends as expired without being claimed', async () => {
  const { result } = await deliver(laneRow({ expiresAt: now }))
  assert.deepEqual([result.kind, done], ['ended', ['learn', 'end message-1 expired expired', 'told expired']])
})

test('a message that may have left before its time ran out is told as what the ledger has made of it', async () => {
  stored = [laneRow({ status: 'unknown' })]
  await deliver(laneRow({ expiresAt: now, attemptsCount: 1 }))
  assert.deepEqual(done, ['learn', 'end message-1 expired expired', 'told unknown'])
})

test('a message whose instance is gone fails with the reason, without being claimed', async () => {
  admission = () => ({ kind: 'end', reason: { code: 'instance-deleted', detail: 'gone' } })
  const { result } = await deliver()
  assert.deepEqual([result.kind, done], ['ended', ['learn', 'end message-1 failed instance-deleted', 'told failed']])
})

test('a message that somebody else took while it was to be ended is left to him', async () => {
  ended = 0
  stored = [laneRow({ status: 'expired' })]
  assert.equal((await deliver(laneRow({ expiresAt: now }))).result.kind, 'ended')
})

test('a message that was given more time than this process knew of waits for its turn', async () => {
  ended = 0
  stored = [laneRow({ expiresAt: now + 60_000 })]
  const { result } = await deliver(laneRow({ expiresAt: now }))
  assert.ok(result.kind === 'waits' && result.row.expiresAt === now + 60_000)
})

test('a claim that is lost sends nothing, and the lane goes by what the ledger says of the row', async () => {
  claimed = () => undefined
  for (const [status, kind] of [
    ['sending', 'waits'],
    ['queued', 'waits'],
    ['sent', 'ended'],
    ['cancelled', 'ended'],
    ['scheduled', 'changed'],
  ] as const) {
    done = []
    stored = [laneRow({ status })]
    const { result } = await deliver()
    assert.deepEqual([result.kind, done], [kind, ['learn', 'claim']], status)
  }
  stored = []
  assert.equal((await deliver()).result.kind, 'changed')
})

test('a lost row that still waits is not claimed again at once', async () => {
  claimed = () => undefined
  stored = [laneRow()]
  const { result } = await deliver()
  assert.ok(result.kind === 'waits' && (result.row.nextAttemptAt ?? 0) > now)
})

test('a message that gets no slot because nothing may begin any more is given back', async () => {
  hasSlot = false
  const { result, begun } = await deliver()
  assert.deepEqual([result.kind, begun, done.at(-1)], ['waits', false, 'release message-1 token'])
})

test('a claim from before the machine slept is given back, though the monotonic clock stood', async () => {
  whileWaitingForSlot = () => {
    slept = 10_001
  }
  const { result } = await deliver()
  assert.deepEqual([result.kind, done.at(-1)], ['waits', 'release message-1 token'])
})

test('what shuts between claim and request gives the message back uncounted, and its slot first', async () => {
  whileWaitingForSlot = () => {
    admission = () => ({ kind: 'hold' })
  }
  const { result, begun } = await deliver()
  assert.ok(result.kind === 'waits')
  assert.deepEqual([result.row.status, result.row.attemptsCount, begun], ['queued', 0, false])
  assert.deepEqual(done, ['learn', 'claim', 'slot', 'answered', 'release message-1 token'])
})

test('a message that is not the one to try the server with is given back uncounted', async () => {
  mayBeginRequest = false
  const { result, begun } = await deliver()
  assert.deepEqual([result.kind, begun], ['waits', false])
  assert.deepEqual(done, ['learn', 'claim', 'slot', 'answered', 'release message-1 token'])
})

test('a message that expires while it waits for a slot is not sent', async () => {
  whileWaitingForSlot = () => {
    now += 5000
  }
  const { result } = await deliver(laneRow({ expiresAt: now + 5000 }))
  assert.deepEqual([result.kind, done.at(-1)], ['waits', 'release message-1 token'])
})

test('a claim older than 10 s is given back: its holder may have slept', async () => {
  whileWaitingForSlot = () => {
    now += 10_001
  }
  const { result } = await deliver()
  assert.deepEqual([result.kind, done.at(-1)], ['waits', 'release message-1 token'])
})

test('a request that finds its connection when the claim is older than 10 s is not written', async () => {
  whileConnecting = () => {
    now += 10_001
  }
  await deliver()
  assert.ok(done.includes('not written'))
  done = []
  whileConnecting = () => {
    slept += 10_001
  }
  await deliver()
  assert.ok(done.includes('not written'))
})

test('a retry waits for its time and carries the count on', async () => {
  answer = failed('transient')
  const { result } = await deliver(laneRow({ attemptsCount: 4 }))
  assert.ok(result.kind === 'waits')
  assert.deepEqual([result.row.attemptsCount, result.row.status], [5, 'queued'])
  assert.ok((result.row.nextAttemptAt ?? 0) >= now)
})

test('a server that sends nothing costs no attempt, and is tried ever later, until a try counts again', async () => {
  answer = failed('server-down')
  let row = laneRow({ attemptsCount: 4 })
  for (let n = 0; n < 3; n++) {
    const { result } = await deliver(row)
    assert.ok(result.kind === 'waits')
    row = result.row
  }
  assert.deepEqual([row.attemptsCount, Object(row).misses], [4, 3])
  answer = failed('transient')
  const { result } = await deliver(row)
  assert.ok(result.kind === 'waits')
  assert.deepEqual([result.row.attemptsCount, Object(result.row).misses], [5, 0])
})

test('a failure of the instance moves its gate and is not counted', async () => {
  answer = failed('instance-down')
  const { result } = await deliver(laneRow({ attemptsCount: 4 }))
  assert.ok(result.kind === 'waits')
  assert.deepEqual([result.row.attemptsCount, result.row.nextAttemptAt], [4, undefined])
  assert.ok(done.includes('gate instance-down'))
})

test('what may have left gives its slot back and is settled before it is written', async () => {
  answer = failed('ambiguous')
  const { result } = await deliver()
  assert.equal(result.kind, 'ended')
  assert.deepEqual(done.slice(3), [
    'send with key',
    'pace told',
    'gate ambiguous',
    'answered',
    'pace kept',
    'settle',
    'record unknown',
    'told unknown',
  ])
})

function failed(kind: SendFailure['kind']): SendResult {
  return { kind: 'failed', failure: { kind, code: kind, detail: 'said so' } }
}

async function deliver(row: LaneRow = laneRow()) {
  const steps: DeliverySteps = {
    begun: false,
    slot: async () => {
      done.push('slot')
      whileWaitingForSlot()
      return hasSlot
    },
    answered: () => done.push('answered'),
  }
  const deliverMessage = createDeliverMessage({
    clock: { storeNow: () => now, monotonic: () => now, wall: () => now + slept, adjust: () => {} },
    policyOf: () => ({ attemptsMax: 10, baseMs: 500, capMs: 300_000 }),
    ledger: {
      read: async () => stored,
      endWaiting: async (ids, status, reason) => {
        done.push(`end ${ids.join()} ${status} ${reason.code}`)
        return ended
      },
    },
    learn: async () => {
      done.push('learn')
      return isNewInstance
    },
    admit: () => admission(),
    claim: async () => {
      done.push('claim')
      return claimed()
    },
    release: async (id, { token }) => void done.push(`release ${id} ${token}`),
    send: async (_, apiKey, mayStart) => {
      whileConnecting()
      done.push(mayStart() ? `send with ${apiKey}` : 'not written')
      return answer
    },
    onRequestEnded: async () => {
      done.push('pace told')
      await Promise.resolve()
      whileKept()
      done.push('pace kept')
    },
    begin: () => (mayBeginRequest ? 1 : undefined),
    onResult: (_, result) => done.push(`gate ${result.kind === 'sent' ? 'sent' : result.failure.kind}`),
    record: async (outcome) => {
      outcomes.push(outcome)
      done.push(`record ${outcome.status}`)
    },
    settleAmbiguous: async (facts, failure) => {
      done.push('settle')
      return endedOutcome(facts, 'unknown', failure)
    },
    onOutcome: (_, outcome) => done.push(`told ${outcome.status}`),
    onEnded: (_, { status }) => done.push(`told ${status}`),
  })
  const result = await deliverMessage(row, steps)
  return { result, begun: steps.begun }
}
