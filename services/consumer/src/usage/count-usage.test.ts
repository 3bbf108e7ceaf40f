import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Usage } from '@whatsapp-sender/store'
import { createCountUsage } from './count-usage.ts'

const ANA = { user: 'ana', instance: 'sales' }
const DAY = Date.parse('2027-01-31T23:59:59Z')

test('what happens is added up by day, user and instance, and written when it ends', async () => {
  const { usage, added, at } = setUp()
  usage.outcome(ANA, { status: 'sent' })
  usage.outcome(ANA, { status: 'sent' })
  usage.outcome(ANA, { status: 'dead-lettered' })
  usage.outcome(ANA, { status: 'unknown' })
  usage.outcome(ANA, { status: 'queued' })
  usage.outcome({ user: 'bob', instance: 'sales' }, { status: 'failed' })
  at.now += 1000
  usage.outcome(ANA, { status: 'sent' })
  await usage.stop()
  assert.deepEqual(added(), [
    { day: '2027-01-31', ...ANA, accepted: 0, sent: 2, failed: 1, unknown: 1 },
    { day: '2027-01-31', user: 'bob', instance: 'sales', accepted: 0, sent: 0, failed: 1, unknown: 0 },
    { day: '2027-02-01', ...ANA, accepted: 0, sent: 1, failed: 0, unknown: 0 },
  ])
})

test('what could not be written is written with what comes next', async () => {
  const { usage, added, errors } = setUp({ failures: 1, keysMax: 2 })
  usage.outcome(ANA, { status: 'sent' })
  usage.outcome({ ...ANA, instance: 'support' }, { status: 'sent' })
  await new Promise(setImmediate)
  assert.equal(errors.length, 1)
  usage.outcome(ANA, { status: 'failed' })
  await usage.stop()
  const sales = added().filter(({ instance }) => instance === 'sales')
  assert.deepEqual([sum(sales, 'sent'), sum(sales, 'failed'), sum(added(), 'sent')], [1, 1, 2])
})

test('more users and instances than there is room for are written at once', async () => {
  const { usage, added } = setUp({ keysMax: 100 })
  for (let n = 0; n < 250; n++) usage.outcome({ user: `u${n}`, instance: 'i' }, { status: 'sent' })
  await new Promise(setImmediate)
  assert.ok(added().length >= 100)
  await usage.stop()
  assert.equal(sum(added(), 'sent'), 250)
})

function setUp({ failures = 0, keysMax = 1000 } = {}) {
  const written: Usage[] = []
  const errors: unknown[] = []
  const at = { now: DAY }
  let left = failures
  const usage = createCountUsage({
    add: async (usages) => {
      if (left-- > 0) throw new Error('down')
      written.push(...usages)
    },
    storeNow: () => at.now,
    onError: (error) => void errors.push(error),
    everyMs: 3_600_000,
    keysMax,
  })
  return { usage, at, errors, added: () => written }
}

function sum(usages: readonly Usage[], what: 'sent' | 'failed'): number {
  return usages.reduce((total, usage) => total + usage[what], 0)
}
