import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { DueWork, LaneRow } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { createSweep } from './sweep.ts'

const NOW = 1_000_000_000
let due: DueWork
let done: string[]
let owned: Set<string>
/** What a call of `wake` answers, or does, in turn. */
let wakes: (boolean | (() => boolean))[]
let ended: number
let stored: LaneRow[]
let sweep: ReturnType<typeof createSweep>

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] })
  due = { wake: [], expired: [] }
  done = []
  owned = new Set(['sales'])
  wakes = []
  ended = Number.NaN
  stored = []
  sweep = createSweep({
    ledger: {
      dueWork: async () => due,
      wake: async (instances) => {
        done.push(`wake ${instances.join(' ')}`)
        const answer = wakes.shift() ?? false
        return typeof answer === 'boolean' ? answer : answer()
      },
      callOwner: async (instances) => {
        for (const instance of instances) done.push(`call ${instance}`)
      },
      endWaiting: async (ids, status) => {
        done.push(`end ${ids.join(' ')} ${status}`)
        return Number.isNaN(ended) ? ids.length : ended
      },
      read: async () => stored,
      instancesWithOpenRows: async () => ['sales', 'idle', 'foreign'],
    },
    storeNow: () => NOW,
    owns: (instance) => owned.has(instance),
    reload: (instance) => void done.push(`reload ${instance}`),
    isIdle: (instance) => instance === 'idle',
    onExpired: ({ id, mayHaveLeft }) => void done.push(`told ${id}${mayHaveLeft ? ' may have left' : ''}`),
    onError: (error) => void done.push(String(error)),
  })
})
afterEach(async () => {
  await sweep.stop()
  mock.timers.reset()
})

const marked = (...instances: string[]) => instances.map((instance) => ({ instance, from: new Date(NOW - 500) }))
const overdue = (id: string, instance: string, ms: number) => ({
  id,
  instance,
  to: '+5511999991000',
  type: 'text' as const,
  expiresAt: new Date(NOW - ms),
  mayHaveLeft: false,
})

test('opens what is due on own instances and has them read anew; those of others are left to them', async () => {
  due = { wake: marked('sales', 'foreign'), expired: [] }
  await swept()
  assert.deepEqual(done, ['wake sales', 'reload sales'])
  assert.equal(sweep.openingFrom('sales'), undefined)
})

test('while rows of an instance are opened, nothing from the first of them on may be read', async () => {
  due = { wake: marked('sales'), expired: [] }
  const seen: unknown[] = []
  wakes = [() => seen.push(sweep.openingFrom('sales')) < 0]
  await swept()
  assert.deepEqual(seen, [{ appendedAt: NOW - 500, offset: 0n }])
})

test('what is too much for one sweep is opened in parts, and stays shut to readers until the last of them', async () => {
  due = { wake: marked('sales'), expired: [] }
  wakes = [true, true, true, true, true, false]
  await swept()
  assert.deepEqual(done, [...Array.from({ length: 5 }, () => 'wake sales'), 'reload sales'])
  assert.ok(sweep.openingFrom('sales') !== undefined)
  await swept()
  assert.deepEqual(done.slice(6), ['wake sales', 'reload sales'])
  assert.equal(sweep.openingFrom('sales'), undefined)
})

test('an instance whose opening failed half way is read anew by the next sweep, though its marks are gone', async () => {
  due = { wake: marked('sales'), expired: [] }
  wakes = [() => assert.fail('connection closed')]
  await swept()
  assert.ok(sweep.openingFrom('sales') !== undefined)
  due = { wake: [], expired: [] }
  await swept()
  assert.deepEqual(done.slice(-2), ['wake sales', 'reload sales'])
  assert.equal(sweep.openingFrom('sales'), undefined)
})

test('an instance that was lost while its marks were taken away is called to its new owner', async () => {
  due = { wake: marked('sales'), expired: [] }
  wakes = [() => !owned.delete('sales')]
  await swept()
  assert.deepEqual(done, ['wake sales', 'call sales'])
})

test('ends what expired on own instances at once, and on others only when their owner does not', async () => {
  due = { wake: [], expired: [overdue('a', 'sales', 1), overdue('b', 'foreign', 1000), overdue('c', 'foreign', 6000)] }
  await swept()
  assert.deepEqual(done, ['end a c expired', 'told a', 'told c'])
})

test('tells only of those that really expired', async () => {
  due = { wake: [], expired: [overdue('a', 'sales', 1), overdue('b', 'sales', 1)] }
  ended = 1
  stored = [laneRow({ id: 'a', status: 'sending' }), laneRow({ id: 'b', status: 'unknown' })]
  await swept()
  assert.deepEqual(done, ['end a b expired', 'told b may have left'])
})

test('many that expire at once are ended by the thousand, without waiting for the next second', async () => {
  const thousand = Array.from({ length: 1000 }, (_, n) => overdue(`${n}`, 'sales', 1))
  due = { wake: marked('sales'), expired: thousand }
  await swept()
  assert.equal(done.filter((each) => each.startsWith('end ')).length, 10)
  assert.equal(done.at(-1), 'reload sales')
})

test('each half minute, own instances of which memory knows nothing are looked for', async () => {
  owned = new Set(['sales', 'idle'])
  for (let n = 0; n < 30; n++) await swept()
  assert.deepEqual(done, ['reload idle'])
})

let started = false

/** One more sweep, to its end. */
async function swept(): Promise<void> {
  if (started) mock.timers.tick(1800)
  else await sweep.start()
  started = true
  await new Promise((resolve) => setImmediate(resolve))
}
beforeEach(() => {
  started = false
})
