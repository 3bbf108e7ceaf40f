import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from './test-store.ts'

const NONE = { accepted: 0, sent: 0, failed: 0, unknown: 0 }

test('days add up, and their list is newest first in pages that neither lose nor repeat', async () => {
  const store = await openTestStore()
  const usages = ['2027-01-30', '2027-01-31'].flatMap((day) =>
    ['ana', 'bob'].flatMap((user) =>
      ['sales', 'support'].map((instance) => ({ day, user, instance, ...NONE, sent: 1 })),
    ),
  )
  await store.usage.add(usages)
  await store.usage.add([{ ...NONE, day: '2027-01-31', user: 'ana', instance: 'sales', accepted: 5, failed: 2 }])
  const all = { from: '2027-01-01', until: '2027-01-31' }
  const seen: string[] = []
  let after: Parameters<typeof store.usage.list>[1]['after']
  do {
    const page = await store.usage.list(all, { after, limit: 3 })
    seen.push(...page.data.map(({ day, user, instance }) => `${day} ${user} ${instance}`))
    after = page.next
  } while (after !== undefined)
  assert.deepEqual(seen, [
    ...['ana sales', 'ana support', 'bob sales', 'bob support'].map((rest) => `2027-01-31 ${rest}`),
    ...['ana sales', 'ana support', 'bob sales', 'bob support'].map((rest) => `2027-01-30 ${rest}`),
  ])
  const { data } = await store.usage.list({ ...all, from: '2027-01-31', user: 'ana', instance: 'sales' }, { limit: 9 })
  assert.deepEqual(data, [
    { day: '2027-01-31', user: 'ana', instance: 'sales', accepted: 5, sent: 1, failed: 2, unknown: 0 },
  ])
})
