import assert from 'node:assert/strict'
import { test } from 'node:test'
import { laneRow } from '../../tests/support/lane-row.ts'
import { sentOutcome } from './decide-outcome.ts'
import { createOutcomeWriter } from './outcome-writer.ts'
import type { StoreHealth } from './store-health.ts'

test('outcomes that come together are written together, by somebody who does not give up', async () => {
  const { writer, written, insisted } = setUp((count) => count)
  await Promise.all([writer.record(outcome('a')), writer.record(outcome('b'))])
  assert.deepEqual(written, [['a', 'b']])
  assert.equal(insisted(), 1)
})

test('outcomes whose rows had been taken over are told', async () => {
  const { writer, late } = setUp((count) => count - 1)
  await Promise.all([writer.record(outcome('a')), writer.record(outcome('b'))])
  assert.deepEqual(late, [1])
})

test('idle comes when all is written', async () => {
  const { writer, written } = setUp((count) => count)
  void writer.record(outcome('a'))
  await writer.idle()
  assert.deepEqual(written, [['a']])
})

function setUp(taken: (count: number) => number) {
  const written: string[][] = []
  const late: number[] = []
  let insisted = 0
  const health: StoreHealth = {
    isWritable: () => true,
    failed: () => {},
    insist: (write) => {
      insisted += 1
      return write()
    },
  }
  const writer = createOutcomeWriter({
    ledger: {
      recordOutcomes: async (outcomes) => {
        written.push(outcomes.map(({ id }) => id))
        return taken(outcomes.length)
      },
    },
    health,
    onLate: (count) => late.push(count),
  })
  return { writer, written, late, insisted: () => insisted }
}

function outcome(id: string) {
  return sentOutcome({ row: laneRow({ id }), claim: 'token', startedAt: new Date(0), durationMs: 1 }, 'A1', 'answer')
}
