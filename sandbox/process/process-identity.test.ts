import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTimeOfStat } from './process-identity.ts'

const rest = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18'

test('reads the start time although the command holds blanks and parentheses', () => {
  assert.equal(startTimeOfStat(`4711 (odd) name (x) S ${rest} 987654 20 21`), '987654')
})

test('takes a process that ended but was not collected for ended', () => {
  assert.equal(startTimeOfStat(`4711 (java) Z ${rest} 987654 20 21`), undefined)
})
