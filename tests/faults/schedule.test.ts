import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
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

test('the page of the rows lists each of them as it is', async () => {
  const page = await readFile(join(import.meta.dirname, 'README.md'), 'utf8')
  for (const { number, title, demand, policies } of rows)
    assert.ok(page.includes(`| ${number} | ${title} | ${demand} | ${policies.join(', ')} |`), `row ${number}`)
})
