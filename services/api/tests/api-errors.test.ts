import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { PROBLEMS } from '../src/http/problem.ts'

test('docs/api-errors.md lists every code with its status, and no other', async () => {
  const page = await readFile(new URL('../../../docs/api-errors.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => `${code} ${status}`)
  const answered = Object.entries(PROBLEMS).map(([code, [status]]) => `${code} ${status}`)
  assert.deepEqual(listed.sort(), answered.sort())
})
