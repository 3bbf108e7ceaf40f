import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJournal } from './journal.ts'

const filled = (entries: number, capacity: number) => {
  const journal = createJournal<{ value: number }>(capacity)
  for (let value = 1; value <= entries; value += 1) journal.append({ value })
  return journal
}

test('a journal read page by page gives every entry once, in order', () => {
  const journal = filled(25, 100)
  const read: number[] = []
  let since = 0
  for (;;) {
    const page = journal.since(since, 10)
    if (page.data.length === 0) break
    read.push(...page.data.map(({ sequence }) => sequence))
    since = page.next
  }
  assert.deepEqual(
    read,
    Array.from({ length: 25 }, (_, index) => index + 1),
  )
})

test('a full journal drops its oldest entries and tells how many', () => {
  const page = filled(25, 10).since(3, 100)
  assert.deepEqual(
    page.data.map(({ value }) => value),
    [16, 17, 18, 19, 20, 21, 22, 23, 24, 25],
  )
  assert.equal(page.dropped, 15)
  assert.equal(page.next, 25)
})

test('asking beyond the end gives nothing and the same place again', () => {
  assert.deepEqual(filled(3, 10).since(3, 10), { data: [], next: 3, dropped: 0 })
})

test('a journal whose entries grow large drops the oldest before their turn', () => {
  const journal = createJournal<{ text: string }>(10, { charsMax: 10, charsOf: ({ text }) => text.length })
  for (const text of ['aaaa', 'bbbb', 'cccc']) journal.append({ text })
  const page = journal.since(0, 10)
  assert.deepEqual(
    page.data.map(({ text }) => text),
    ['bbbb', 'cccc'],
  )
  assert.equal(page.dropped, 1)
})
