import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { prettyLine } from './pretty-line.ts'

const LINE = { level: 'info', time: '2026-01-31T09:00:00.000Z', service: 'consumer', msg: 'message sent' }

test('a line says when, who and what, and then its facts', () => {
  const clock = new Date(LINE.time).toTimeString().slice(0, 8)
  const facts = { instance: 'sales', to: '…1000', durationMs: 62 }
  assert.equal(plain({ ...LINE, ...facts }), `${clock} consumer  message sent instance=sales to=…1000 durationMs=62`)
})

test('what is no matter of course is told with its level, and a fault with its message, not with its stack', () => {
  const err = { type: 'MongoNetworkError', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED', stack: 'at x.js:1' }
  assert.match(
    plain({ ...LINE, level: 'warn', msg: 'a step failed', err, repeated: 9 }),
    /warn: a step failed connect ECONNREFUSED \(ECONNREFUSED\) repeated=9$/,
  )
})

test('a long value is cut, and a line of another program stays as it is', () => {
  assert.ok(plain({ ...LINE, event: 'x'.repeat(500) }).length < 200)
  for (const line of ['', 'Error: no config', '{"a":1}', '[]']) assert.equal(prettyLine(line), line)
})

function plain(line: object): string {
  return stripVTControlCharacters(prettyLine(JSON.stringify(line)))
}
