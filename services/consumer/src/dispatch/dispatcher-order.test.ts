import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSimulatedSystem, STEP_KINDS, type Step } from '../../tests/support/simulated-system.ts'
import { compareKeys } from './order-key.ts'

const steps = fc.array(fc.record({ kind: fc.constantFrom(...STEP_KINDS), pick: fc.nat(999) }), {
  maxLength: 120,
  size: 'max',
})

test('whatever happens between ledger, topic and gateway, every message goes once and its lane in order', async () => {
  await fc.assert(fc.asyncProperty(steps, fc.constantFrom(...LOADS), run), {
    numRuns: 160,
    // A lane that was read ahead became empty before the page came that left out what is not urgent.
    examples: [
      [
        [
          { kind: 'fail-read', pick: 0 },
          { kind: 'insert', pick: 345 },
          { kind: 'proceed', pick: 0 },
          { kind: 'proceed', pick: 0 },
          { kind: 'proceed', pick: 319 },
          { kind: 'proceed', pick: 52 },
          { kind: 'proceed', pick: 0 },
          { kind: 'fail-read', pick: 0 },
          { kind: 'proceed', pick: 0 },
          { kind: 'proceed', pick: 683 },
          { kind: 'rush', pick: 73 },
          { kind: 'answer', pick: 1 },
          { kind: 'answer', pick: 1 },
        ],
        { backlog: 300, recipients: 60, windowRowsMax: 10 },
      ],
    ],
  })
})

type Load = Readonly<{ backlog: number; recipients: number; windowRowsMax?: number }>

/** Longer than a lane in memory holds, and longer than an instance does. */
const LOADS: readonly Load[] = [
  { backlog: 0, recipients: 1 },
  { backlog: 5, recipients: 3 },
  { backlog: 160, recipients: 1 },
  { backlog: 260, recipients: 2 },
  { backlog: 1300, recipients: 40 },
  { backlog: 200, recipients: 30, windowRowsMax: 16 },
  { backlog: 120, recipients: 5, windowRowsMax: 16 },
  { backlog: 300, recipients: 60, windowRowsMax: 10 },
]

async function run(steps: readonly Step[], { backlog, ...sizes }: Load): Promise<void> {
  const system = createSimulatedSystem(sizes)
  try {
    if (backlog > 0) system.backlog(backlog)
    for (const step of steps) await system.take(step)
    assert.deepEqual((await system.runDown()).slice(0, 5), [], 'stuck')
    assert.deepEqual(system.notSentOnce().slice(0, 5), [])
    assert.deepEqual(system.faults, [])
    for (const [lane, rows] of system.lanes()) {
      assert.deepEqual(rows, rows.toSorted(compareKeys), `${lane} out of order`)
    }
  } finally {
    system.close()
  }
}
