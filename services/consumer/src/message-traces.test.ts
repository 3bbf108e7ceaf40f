import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tracing } from '@whatsapp-sender/service-runtime'
import type { Attempt, Outcome, Receipt } from '@whatsapp-sender/store'
import { ingestedMessage, messageRecord } from '../tests/support/ingested-message.ts'
import { laneRow } from '../tests/support/lane-row.ts'
import { expiryOf } from './delivery/ended-unsent.ts'
import { createMessageTraces } from './message-traces.ts'

const NOW = 100_000
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
const ROW = laneRow({ traceparent: TRACEPARENT })
const CLAIM = { id: ROW.id, claim: 'token', counted: true }

type Recorded = Parameters<Tracing['record']>[0]

test('what failed for good, and what may have left, is always kept; what is sent or tried again goes by its trace', () => {
  const { traces, recorded } = watched()
  const failed = (kind: string) =>
    attempt({ outcome: 'failed', error: { kind, code: 'a-code', detail: 'quotes +5511999991000' } })
  const reason = { code: 'a-code', detail: 'quotes +5511999991000' }
  const outcomes: readonly (readonly [isKept: boolean, Outcome])[] = [
    [false, { ...CLAIM, status: 'sent', providerMessageId: 'x', by: 'answer', attempt: attempt() }],
    [true, { ...CLAIM, status: 'sent', providerMessageId: 'x', by: 'evidence', attempt: attempt() }],
    [false, { ...CLAIM, status: 'queued', nextAttemptAt: undefined, attempt: failed('transient') }],
    [true, { ...CLAIM, status: 'queued', nextAttemptAt: undefined, attempt: failed('ambiguous') }],
    [true, { ...CLAIM, status: 'failed', reason, attempt: failed('permanent') }],
    [true, { ...CLAIM, status: 'dead-lettered', reason, attempt: failed('transient') }],
    [true, { ...CLAIM, status: 'unknown', reason, attempt: failed('ambiguous') }],
  ]
  for (const [, outcome] of outcomes) traces.attempted(ROW, outcome)
  assert.deepEqual(
    recorded.map(({ isAlwaysKept }) => isAlwaysKept),
    outcomes.map(([isKept]) => isKept),
  )
  assert.deepEqual(new Set(recorded.map(({ error }) => error)), new Set([undefined, 'a-code']))
})

test('an attempt has the time that its outcome says, and tells of it by codes and ids only', () => {
  const { traces, recorded } = watched()
  const error = { kind: 'transient', code: 'a-code', detail: 'quotes hello and +5511999991000', httpStatus: 500 }
  traces.attempted(ROW, {
    ...CLAIM,
    counted: false,
    status: 'queued',
    nextAttemptAt: undefined,
    attempt: attempt({ number: 3, startedAt: new Date(5000), durationMs: 250, error }),
  })
  assert.deepEqual(recorded, [
    {
      name: 'send message',
      kind: 'client',
      parent: TRACEPARENT,
      startedAt: 5000,
      endedAt: 5250,
      attributes: {
        'whatsapp.message.id': ROW.id,
        'whatsapp.instance': 'sales',
        'whatsapp.message.type': 'text',
        'whatsapp.attempt': 3,
        'whatsapp.outcome': 'released',
        'http.response.status_code': 500,
      },
      error: 'a-code',
      isAlwaysKept: false,
    },
  ])
})

test('a message that ended while it waited, or was proven late, is told of at that moment, and always kept', () => {
  const { traces, recorded } = watched()
  traces.endedUnsent(ROW, expiryOf(true))
  traces.provenLate(ROW)
  assert.deepEqual(
    recorded.map(({ name, parent, startedAt, endedAt, attributes, error, isAlwaysKept }) => [
      name,
      parent,
      [startedAt, endedAt],
      attributes?.['whatsapp.outcome'],
      error,
      isAlwaysKept,
    ]),
    [
      ['end message', TRACEPARENT, [NOW, NOW], 'unknown', 'expired-after-ambiguous', true],
      ['prove message', TRACEPARENT, [NOW, NOW], 'sent', undefined, true],
    ],
  )
})

test('only rows that are new have been ingested, each from the beginning of the write', async () => {
  const { traces, recorded } = watched()
  const traced = ingestedMessage({ record: messageRecord({ traceparent: TRACEPARENT }), offset: 42n })
  const inserted = [traced, ingestedMessage()]
  const insert = traces.ingesting(async () => ({ inserted, duplicates: [traced], refused: [] }))
  assert.equal((await insert(inserted, new Date(90_000))).inserted, inserted)
  assert.deepEqual(
    recorded.map(({ name, parent, startedAt, endedAt, attributes }) => [
      name,
      parent,
      startedAt,
      endedAt,
      attributes?.['messaging.kafka.offset'],
    ]),
    [['ingest message', TRACEPARENT, 90_000, NOW, 42]],
  )
})

test('each receipt of a traced message is told, from when it came in; a refusal is always kept', async () => {
  const { traces, recorded } = watched()
  const statuses = ['DELIVERY_ACK', 'READ', 'PLAYED', 'ERROR'] as const
  const receipts: Receipt[] = statuses.map((status, n) => ({
    instanceId: 'sales-1',
    keyId: `key-${n}`,
    status,
    // The last one of a clock that is ahead.
    at: new Date(NOW - 30 + n * 11),
  }))
  const traced = receipts.map((receipt) => ({ receipt, messageId: 'message-1', traceparent: TRACEPARENT }))
  const applied = { unknown: [], traced }
  assert.equal(await traces.receiving(async () => applied)(receipts), applied)
  assert.deepEqual(
    recorded.map(({ name, startedAt, endedAt, error, isAlwaysKept }) => [
      name,
      startedAt,
      endedAt,
      error,
      isAlwaysKept,
    ]),
    [
      ['receipt delivered', NOW - 30, NOW, undefined, undefined],
      ['receipt read', NOW - 19, NOW, undefined, undefined],
      ['receipt played', NOW - 8, NOW, undefined, undefined],
      ['receipt refused', NOW, NOW, 'refused-by-whatsapp', true],
    ],
  )
})

test('a message without a trace makes no span, whatever becomes of it', async () => {
  const { traces, recorded } = watched()
  const row = laneRow()
  traces.attempted(row, { ...CLAIM, status: 'sent', providerMessageId: 'x', by: 'evidence', attempt: attempt() })
  traces.endedUnsent(row, { status: 'failed', code: 'suppressed' })
  traces.provenLate(row)
  await traces.ingesting(async () => ({ inserted: [ingestedMessage()], duplicates: [], refused: [] }))([], new Date())
  await traces.receiving(async () => ({ unknown: [] }))([])
  const delivery = { endpoint: 'hook', key: 'message-1', type: 'message.sent', tries: 0 }
  assert.equal(traces.posting(delivery, NOW), undefined)
  assert.deepEqual(recorded, [])
})

function attempt(facts: Partial<Attempt> = {}): Attempt {
  return { number: 1, startedAt: new Date(0), durationMs: 5, outcome: 'sent', ...facts }
}

function watched() {
  const recorded: Recorded[] = []
  const tracing: Tracing = {
    name: 'traces',
    record: (span) => void recorded.push(span),
    begin: () => ({ traceparent: TRACEPARENT, end: () => {} }),
  }
  return { traces: createMessageTraces(tracing, () => NOW), recorded }
}
