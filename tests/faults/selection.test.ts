import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Policy } from './history.ts'
import { faultsOf, runRow } from './run-row.ts'
import { loadRows } from './schedule.ts'

/**
 * The rows that `npm test` runs, with short lengths and always the same seed; `npm run test:faults` runs all. None of
 * those that measure time and need the machine for themselves.
 */
const SELECTION: readonly (readonly [row: number, policy: Policy])[] = [
  [2, 'resend'],
  [5, 'resend'],
  [8, 'resend'],
  [11, 'resend'],
  [13, 'hold'],
  [15, 'resend'],
  [17, 'resend'],
]

// When all has ended, Node.js may spin for ever over what broken connections have left (uv_run in
// Environment::CleanupHandles). A row that leaves something open still keeps the file from ending.
process.on('exit', () => process.exit())

const rows = await loadRows()

describe('no fault loses a message, doubles more than was open, or breaks the order', { concurrency: 2 }, () => {
  for (const [number, policy] of SELECTION) {
    const row = rows.find((each) => each.number === number)
    if (row === undefined) throw new Error(`there is no row ${number}`)
    if (row.alone) throw new Error(`row ${number} runs alone`)
    test(`${row.title} (${policy}): ${row.demand}`, async (t) => {
      const result = await runRow(row, { seed: 'npm test', policy, size: 'short' })
      const { accepted, duplicated, held, bound, seconds } = result
      t.diagnostic(`${accepted} accepted, ${duplicated} twice, ${held} held, bound ${bound}, ${seconds} s`)
      assert.deepEqual(faultsOf(result), [])
    })
  }
})
