import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRun, type Verdict } from './check.ts'
import type { Call, GatewayRequest, RowOfLedger, RunLogs, Send } from './history.ts'

const NOW = 1_000_000

test('a run in which all went well breaks nothing', () => {
  const verdict = checkRun(logsOf())
  assert.deepEqual(verdict, {
    accepted: 2,
    lost: 0,
    duplicated: 0,
    held: 0,
    bound: 0,
    outOfOrder: 0,
    violations: [],
  } satisfies Verdict)
})

test('I1: an accepted message without a row, not ended as it may, or never in the journal is lost', () => {
  breaks('I1', { rows: [rowOf('first')] })
  breaks('I1', {
    rows: [rowOf('first'), rowOf('second', { status: 'dead-lettered', reason: 'used-up' })],
    sends: [sent('first', 1)],
  })
  breaks('I1', { sends: [sent('first', 1)] })
  breaks('I1', { rows: [rowOf('first'), rowOf('second', { status: 'queued' })], sends: [sent('first', 1)] })
  assert.equal(checkRun(logsOf({ rows: [] })).lost, 2)
})

test('I1: an end without a reason is a loss, also where such an end is allowed', () => {
  const rows = [rowOf('first'), rowOf('second', { status: 'failed' })]
  breaks('I1', { rows, sends: [sent('first', 1)], mayEnd: ['failed'] })
  const reasoned = [rowOf('first'), rowOf('second', { status: 'failed', reason: 'not-on-whatsapp' })]
  assert.deepEqual(checkRun(logsOf({ rows: reasoned, sends: [sent('first', 1)], mayEnd: ['failed'] })).violations, [])
})

test('I2: nothing leaves that was refused; what was answered with doubt may leave', () => {
  const third = [...logsOf().sends, sent('third', 3)]
  const rows = [...logsOf().rows, rowOf('third')]
  breaks('I2', { sends: third, rows })
  breaks('I2', { sends: third, rows, calls: [...logsOf().calls, call('third', { result: 'failed', status: 400 })] })
  const doubtful = [...logsOf().calls, call('third', { result: 'unknown', status: 503, id: undefined })]
  assert.deepEqual(checkRun(logsOf({ sends: third, rows, calls: doubtful })).violations, [])
})

test('I3: without a fault nothing is sent twice, and with one no more than was open or just answered at it', () => {
  const sends = [...logsOf().sends, sent('first', 3)]
  breaks('I3', { sends })
  const windows = [{ name: 'kill', from: NOW, to: NOW + 10 }]
  breaks('I3', { sends, windows, requests: [asked('a', NOW + 11, NOW + 30)] })
  breaks('I3', { sends, windows, requests: [asked('a', NOW - 500, NOW - 251)] })
  for (const request of [
    asked('a', NOW - 500, NOW - 250),
    asked('a', NOW + 10, NOW + 90),
    asked('a', NOW - 9, NOW + 9),
  ]) {
    const verdict = checkRun(logsOf({ sends, windows, requests: [request] }))
    assert.deepEqual([verdict.violations, verdict.duplicated, verdict.bound], [[], 1, 1])
  }
  breaks('I3', {
    sends,
    windows: [{ ...windows[0], name: 'b', from: NOW, to: NOW, instances: ['b'] }],
    requests: [asked('a', NOW, NOW)],
  })
})

test('I3: what is to be held is never sent twice, and no more of it ends unknown than the faults explain', () => {
  const calls = [call('first', { policy: 'hold' }), call('second', { policy: 'hold' })]
  const windows = [{ name: 'kill', from: NOW, to: NOW }]
  const requests = [asked('a', NOW, NOW)]
  breaks('I3', { calls, windows, requests, sends: [...logsOf().sends, sent('first', 3)] })
  const rows = [rowOf('first'), rowOf('second', { status: 'unknown', reason: 'ambiguous' })]
  const sends = [sent('first', 1)]
  breaks('I3', { calls, rows, sends })
  const verdict = checkRun(logsOf({ calls, rows, sends, windows, requests }))
  assert.deepEqual([verdict.violations, verdict.held, verdict.bound], [[], 1, 1])
})

test('I4: first sends of a lane come in the order of acceptance, and repeats do not count', () => {
  const sends = [sent('second', 1), sent('first', 2)]
  breaks('I4', { sends })
  assert.equal(checkRun(logsOf({ sends })).outOfOrder, 1)
  const windows = [{ name: 'kill', from: NOW, to: NOW }]
  const again = [...logsOf().sends, sent('first', 3)]
  assert.equal(checkRun(logsOf({ sends: again, windows, requests: [asked('a', NOW, NOW)] })).outOfOrder, 0)
})

test("I5: nothing leaves through another user's instance, or to another number", () => {
  breaks('I5', { owners: { a: 'bob' } })
  breaks('I5', { sends: [sent('first', 1), { ...sent('second', 2), instance: 'b' }], owners: { a: 'ana', b: 'bob' } })
  breaks('I5', { sends: [sent('first', 1), { ...sent('second', 2), number: '551' }] })
})

test('I6: no second holds more sends of an instance than its limit and its burst', () => {
  const paces = { a: { perMinute: 60, burst: 2 } }
  const at = (...times: number[]) => times.map((ms) => asked('a', NOW + ms, NOW + ms + 5))
  breaks('I6', { paces, requests: at(0, 1, 2, 999) })
  assert.deepEqual(checkRun(logsOf({ paces, requests: at(0, 1, 2, 1000, 2000) })).violations, [])
})

test('I7: an offset is not committed over a record that is not kept yet, and ends at the end', () => {
  const early = [{ at: NOW - 5000, partition: 0, offset: 2 }, ...logsOf().committed]
  breaks('I7', { committed: early })
  breaks('I7', {
    records: [...logsOf().records, { partition: 1, offset: 0, id: undefined }],
    committed: [...logsOf().committed, { at: NOW, partition: 1, offset: 1 }],
  })
  breaks('I7', { ends: [{ partition: 0, offset: 3 }] })
  const undecodable = [{ partition: 1, offset: 0, at: NOW }]
  const poison = {
    records: [...logsOf().records, { partition: 1, offset: 0, id: undefined }],
    committed: [...logsOf().committed, { at: NOW, partition: 1, offset: 1 }],
  }
  assert.deepEqual(checkRun(logsOf({ ...poison, undecodable })).violations, [])
})

test('I7: once all is quiet an offset does not go back', () => {
  const committed = [2, 1, 2].map((offset, n) => ({ at: NOW + n * 1000, partition: 0, offset }))
  breaks('I7', { committed, quietAt: NOW })
  assert.deepEqual(checkRun(logsOf({ committed, quietAt: NOW + 1500 })).violations, [])
})

test('I8: rows move along the arrows, one for each message, and agree with the journal', () => {
  breaks('I8', { changes: { 'id-first': ['queued', 'delivered'] } })
  breaks('I8', { changes: { 'id-first': ['queued', 'sending', 'delivered'] } })
  breaks('I8', { rows: [...logsOf().rows, rowOf('first', { id: 'another' })] })
  breaks('I8', { rows: [rowOf('first', { providerIds: ['never-left'] }), rowOf('second')] })
  breaks('I8', { rows: [rowOf('first'), rowOf('second', { status: 'cancelled' })], mayEnd: ['cancelled'] })
})

test('I8: no row is left in sending by a process that is gone', () => {
  const rows = [rowOf('first'), rowOf('second', { status: 'sending', claimedBy: 'gone' })]
  const kinds = checkRun(logsOf({ rows })).violations.filter(({ invariant }) => invariant === 'I8')
  assert.equal(kinds.length, 2, 'it is in the journal as well')
})

test('I9: a process that has grown, or holds more handles, at rest than at its start is told', () => {
  const sample = (at: number, rssMb: number, handles: number) => ({ at, name: 'api', pid: 1, rssMb, handles })
  breaks('I9', { processes: [sample(NOW - 1, 80, 20), sample(NOW + 1, 231, 20)], quietAt: NOW })
  breaks('I9', { processes: [sample(NOW - 1, 80, 20), sample(NOW + 1, 80, 321)], quietAt: NOW })
  const ended = [sample(NOW - 9, 80, 20), sample(NOW - 1, 900, 20)]
  assert.deepEqual(
    checkRun(logsOf({ processes: ended, quietAt: NOW })).violations,
    [],
    'one that was killed under load',
  )
})

/** The run, changed so, breaks this invariant. */
function breaks(invariant: string, change: Partial<RunLogs>): void {
  const broken = checkRun(logsOf(change)).violations.map((each) => each.invariant)
  assert.ok(
    broken.some((each) => each === invariant),
    `${invariant} among ${broken.join(', ') || 'nothing'}`,
  )
}

/** Two messages of one lane that were accepted, sent and recorded, changed so. */
function logsOf(change: Partial<RunLogs> = {}): RunLogs {
  return {
    policy: 'resend',
    calls: [call('first'), call('second')],
    owners: { a: 'ana' },
    paces: {},
    windows: [],
    mayEnd: [],
    sends: [sent('first', 1), sent('second', 2)],
    requests: [],
    rows: [rowOf('first'), rowOf('second')],
    changes: {
      'id-first': ['queued', 'sending', 'sent'],
      'id-second': ['queued', 'sending', 'queued', 'sending', 'sent', 'read'],
    },
    undecodable: [],
    records: ['first', 'second'].map((text, offset) => ({ partition: 0, offset, id: `id-${text}` })),
    committed: [{ at: NOW, partition: 0, offset: 2 }],
    quietAt: NOW,
    ends: [{ partition: 0, offset: 2 }],
    living: ['consumer'],
    processes: [],
    ...change,
  }
}

function call(text: string, change: Partial<Call> = {}): Call {
  const fixed = {
    text,
    user: 'ana',
    instance: 'a',
    to: '5511',
    policy: 'resend',
    invokedAt: NOW,
    endedAt: NOW,
  } as const
  return { ...fixed, result: 'ok', status: 202, id: `id-${text}`, ...change }
}

function sent(text: string, sequence: number): Send {
  return { sequence, at: NOW + sequence, instance: 'a', number: '5511', text, keyId: `key-${text}` }
}

function asked(instance: string, at: number, answeredAt: number): GatewayRequest {
  return { at, answeredAt, instance, number: '5511', textHash: undefined, status: 201 }
}

function rowOf(text: string, change: Partial<RowOfLedger> = {}): RowOfLedger {
  return {
    id: `id-${text}`,
    user: 'ana',
    instance: 'a',
    to: '5511',
    text,
    status: 'sent',
    reason: undefined,
    createdAt: NOW - 10,
    attemptsCount: 1,
    attempts: [],
    providerIds: [`key-${text}`],
    claimedBy: 'consumer',
    ...change,
  }
}
