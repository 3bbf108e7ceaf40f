import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadRows, planRow } from './schedule.ts'

const rows = await loadRows()
const scheduleOf = (row: (typeof rows)[number], seed: string) =>
  planRow(row, { seed, policy: 'resend', size: 'usual' }).schedule

test('the same seed gives every row the same schedule', () => {
  for (const row of rows) assert.deepEqual(scheduleOf(row, '7'), scheduleOf(row, '7'), `row ${row.number}`)
})

test('another seed gives another schedule to every row that leaves anything to chance', () => {
  const seeds = ['1', '2', '3', '4', '5']
  const fixed = rows.filter((row) => new Set(seeds.map((seed) => JSON.stringify(scheduleOf(row, seed)))).size === 1)
  assert.deepEqual(
    fixed.map(({ number }) => number),
    [],
  )
})

test('the rows are those of the table, each once', () => {
  const numbers = rows.map(({ number }) => number)
  assert.deepEqual(
    numbers,
    Array.from({ length: 38 }, (_, n) => n + 1),
  )
})
