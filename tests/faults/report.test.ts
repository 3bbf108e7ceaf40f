import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headlineOf, placeReport, reportOf } from './report.ts'
import type { RowResult } from './run-row.ts'

const RESULT: RowResult = {
  row: 15,
  title: 'killed',
  demand: 'lost 0',
  policy: 'resend',
  seed: '7',
  schedule: {},
  seconds: 12.4,
  demands: [{ what: 'it was killed', met: true, seen: '1' }],
  accepted: 12_345,
  lost: 0,
  duplicated: 3,
  held: 0,
  bound: 9,
  outOfOrder: 0,
  violations: [],
}

test('the headline gives all numbers and rounds none', () => {
  assert.equal(
    headlineOf([RESULT, { ...RESULT, policy: 'hold', duplicated: 0, held: 2 }]),
    'In 2 seeded fault runs with 24690 accepted messages: 0 lost, 3 sent twice and 2 held as unknown ' +
      '(bound: in flight at the faults = 18 ≥ 5), 0 out of order.',
  )
})

test('a demand that was missed stands in the headline, the table and the list', () => {
  const missed = { ...RESULT, demands: [{ what: 'back in 5 s', met: false, seen: '9 s' }] }
  const report = reportOf([RESULT, missed], { commit: 'c', node: 'n', kafka: 'k', mongo: 'm', size: 'usual' })
  assert.match(report, /1 runs missed a demand/)
  assert.match(report, /\*\*missed in 1\*\*/)
  assert.match(report, /row 15 \(resend, seed `7`\): back in 5 s: 9 s/)
})

test('a page keeps what stands around the place of the report', () => {
  const page = 'before\n<!-- fault report: begin -->\nold\n<!-- fault report: end -->\nafter\n'
  assert.equal(
    placeReport(page, 'new\n'),
    'before\n<!-- fault report: begin -->\nnew\n<!-- fault report: end -->\nafter\n',
  )
  assert.equal(placeReport('', 'new\n'), 'new\n')
})
