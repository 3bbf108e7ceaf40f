import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createEventCursors } from './event-cursor.ts'

const cursors = createEventCursors({ newest: 's'.repeat(40) })
const [ana, bob] = [cursors.of('ana'), cursors.of('bob')]

test('a place is read as it was sealed, by any process of the same key', () => {
  const elsewhere = createEventCursors({ newest: 's'.repeat(40) }).of('ana')
  fc.assert(
    fc.property(fc.maxSafeNat(), (seq) => {
      assert.equal(elsewhere.open(ana.seal(seq)), seq)
    }),
  )
})

test('what was sealed for another user or with another key, changed or made up opens nothing', () => {
  const sealed = ana.seal(7)
  assert.equal(bob.open(sealed), undefined)
  assert.equal(
    createEventCursors({ newest: 't'.repeat(40) })
      .of('ana')
      .open(sealed),
    undefined,
  )
  for (const text of ['', '7', `${sealed}A`, sealed.slice(1), `A${sealed.slice(1)}`, '€'.repeat(22)])
    assert.equal(ana.open(text), undefined, text)
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(ana.open(text), undefined)
    }),
  )
})

test('a place that was sealed with a key that is still let in is read', () => {
  const later = createEventCursors({ newest: 't'.repeat(40), others: ['s'.repeat(40)] }).of('ana')
  assert.equal(later.open(ana.seal(7)), 7)
  assert.equal(ana.open(later.seal(7)), undefined)
})

test('what is sealed tells nothing of how far the sequence has come', () => {
  assert.match(ana.seal(1), /^[A-Za-z0-9_-]{22}$/)
  assert.equal(ana.seal(1).length, ana.seal(Number.MAX_SAFE_INTEGER).length)
})
