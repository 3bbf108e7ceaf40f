import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '@whatsapp-sender/service-runtime'
import type { Outcome } from '@whatsapp-sender/store'
import { laneRow } from '../tests/support/lane-row.ts'
import { createOutcomeLines } from './outcome-lines.ts'

const ROW = { ...laneRow({ id: 'message-1' }), instance: 'shop', to: '+5511999991000' }
const FAILURE = { kind: 'transient', code: 'server-error', detail: 'canary 5511999991000', httpStatus: 500 } as const

test('a message that was sent has one line: where from, to whom by four digits, which try, how long, since when', () => {
  const { lines, told } = setUp()
  lines.outcome(ROW, { ...outcomeOf('sent'), providerMessageId: 'A1', by: 'answer' }, 'sent', 118.4)
  assert.deepEqual(told(), [
    {
      level: 'info',
      msg: 'message sent',
      messageId: 'message-1',
      instance: 'shop',
      to: '…1000',
      attempt: 3,
      durationMs: 42,
      ageMs: 118,
      outcome: 'sent',
      by: 'answer',
    },
  ])
})

test('one that was not says why, and never what Evolution said of it', () => {
  const { lines, told } = setUp()
  const nextAttemptAt = new Date('2026-01-31T12:00:00Z')
  lines.outcome(ROW, { ...outcomeOf('queued', FAILURE), nextAttemptAt }, 'released', 5)
  const [line] = told()
  assert.deepEqual(
    [line?.['outcome'], line?.['reason'], line?.['httpStatus'], line?.['nextAttemptAt']],
    ['released', 'server-error', 500, '2026-01-31T12:00:00.000Z'],
  )
  assert.doesNotMatch(JSON.stringify(line), /canary|99999/)
})

test('what a person has to decide is a warning, and a message that could never arrive is none', () => {
  const { lines, told } = setUp()
  const reason = { code: 'server-error', detail: '' }
  for (const status of ['failed', 'dead-lettered', 'unknown'] as const)
    lines.outcome(ROW, { ...outcomeOf(status, FAILURE), reason }, status, 0)
  assert.deepEqual(
    told().map(({ level, outcome }) => [level, outcome]),
    [
      ['info', 'failed'],
      ['warn', 'dead-lettered'],
      ['warn', 'unknown'],
    ],
  )
})

test('every line of a message that is traced names its trace', () => {
  const { lines, told } = setUp()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${traceId}-b7ad6b7169203331-00`
  lines.outcome({ ...ROW, traceparent }, { ...outcomeOf('sent'), providerMessageId: 'A1', by: 'answer' }, 'sent', 0)
  lines.ended({ id: 'message-2', instance: 'shop', traceparent }, { status: 'expired', code: 'expired' })
  lines.ambiguous({ ...ROW, traceparent }, 'timeout')
  assert.deepEqual(
    told().map((line) => line['traceId']),
    [traceId, traceId, traceId],
  )
})

function outcomeOf<S extends Outcome['status']>(status: S, error?: typeof FAILURE) {
  const attempt = {
    number: 3,
    startedAt: new Date(0),
    durationMs: 42,
    outcome: 'sent',
    ...(error && { error }),
  } as const
  return { id: ROW.id, claim: 'token', counted: true, attempt, status }
}

function setUp() {
  const written: Record<string, unknown>[] = []
  const stdout = { write: (line: string) => written.push(JSON.parse(line)) }
  return {
    lines: createOutcomeLines(createLogger({ service: 'test', level: 'info', stdout })),
    told: () => written.map(({ time: _time, service: _service, ...line }) => line),
  }
}
