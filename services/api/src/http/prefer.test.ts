import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prefersAsync } from './prefer.ts'

const ASYNC = [
  ['respond-async'],
  ['Respond-Async'],
  ['wait=10, respond-async'],
  ['respond-async; foo=bar'],
  ['handling=lenient', 'respond-async'],
  ['note="a, b" , respond-async'],
]
const NOT = [
  [],
  [''],
  ['return=minimal'],
  ['respond-asynchronously'],
  ['note="a, respond-async"'],
  ['note="\\", respond-async"'],
]

const asked = (prefer: string[]) => prefersAsync(Object.assign(Object.create(null), { headersDistinct: { prefer } }))

test('respond-async is heard wherever it stands among the preferences, and never in the value of another', () => {
  assert.equal(prefersAsync(Object.assign(Object.create(null), { headersDistinct: {} })), false)
  for (const prefer of ASYNC) assert.equal(asked(prefer), true, prefer.join())
  for (const prefer of NOT) assert.equal(asked(prefer), false, prefer.join())
})
