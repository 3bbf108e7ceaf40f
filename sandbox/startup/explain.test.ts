import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ProcessNotReadyError } from '../process/ready-process.ts'
import { explain } from './explain.ts'
import { StartError } from './start-error.ts'

test('a foreseen failure is told without a stack', async () => {
  const missing = await readFile('/there/is/no/such/file').catch((error: unknown) => error)
  for (const error of [new StartError('PORT=8000 is taken.'), missing]) assert.doesNotMatch(explain(error), /^ +at /m)
})

test('a service that does not start is told in sentences, and what it said five times once', () => {
  const line = JSON.stringify({ level: 'error', msg: 'kafka client', event: 'Connection error: refused', time: 1 })
  const again = JSON.stringify({ level: 'error', msg: 'kafka client', event: 'Connection error: refused', time: 2 })
  const told = explain(new ProcessNotReadyError('api was not ready after 60 s', `plain words\n${line}\n${again}`))
  assert.equal(
    told,
    'api was not ready after 60 s. It said last:\n  plain words\n  error: kafka client: Connection error: refused',
  )
})

test('what nobody foresaw keeps its stack', () => {
  assert.match(explain(new TypeError('oops')), /^ +at /m)
})

test('a folder that cannot be written to is told with the way out', () => {
  const error = Object.assign(new Error("EACCES: permission denied, mkdir '/nowhere'"), {
    code: 'EACCES',
    syscall: 'mkdir',
    path: '/nowhere',
  })
  assert.match(explain(error), /^EACCES: permission denied, mkdir '\/nowhere'\n.*SANDBOX_DIR=/)
})
