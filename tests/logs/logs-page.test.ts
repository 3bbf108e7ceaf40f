import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LogCall, logCalls } from '../support/log-calls.ts'
import { listedLines } from '../support/logs-page.ts'

const calls = await logCalls()
const listed = listedLines()

test('docs/logs.md lists every line that the code writes, at its level, and no other', () => {
  const told = listed.map(({ services, phrase, levels, isCounted }) => {
    const service = services.length > 1 ? 'every' : String(services[0])
    return summaryOf(`${service}: ${phrase}`, levels, isCounted)
  })
  const written = Map.groupBy(calls, (call) => `${serviceOf(call)}: ${call.phrase}`)
  const expected = [...written].map(([key, places]) => {
    const levels = places.flatMap((place) => place.levels)
    return summaryOf(
      key,
      levels,
      places.some(({ isCounted }) => isCounted),
    )
  })
  assert.deepEqual(told.sort(), expected.sort())
})

test('a phrase is constant: what differs from line to line is a field', () => {
  assert.ok(calls.length > 50)
  for (const { phrase, file } of calls) assert.doesNotMatch(phrase, /[`$]|\d/, file)
})

test('every line has what it means, or what to do', () => {
  for (const { phrase, meaning } of listed) assert.match(meaning, /^[A-Z`[].*[.?]$/, phrase)
})

function summaryOf(what: string, levels: readonly string[], isCounted: boolean): string {
  return `${what} at ${[...new Set(levels)].sort().join(', ')}${isCounted ? ', counted' : ''}`
}

function serviceOf({ file }: LogCall): string {
  return /^services\/(\w+)\//.exec(file)?.[1] ?? 'every'
}
