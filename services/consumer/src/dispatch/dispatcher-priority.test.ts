import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { LaneRow, Ledger } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { NO_PACE } from '../../tests/support/no-pace.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { compareKeys } from './order-key.ts'

const CAMPAIGN = 20_000

let ledger: LaneRow[] = []
let reads: Parameters<Ledger['load']>[0][] = []
let sent: LaneRow[] = []
let isSent = new Set<LaneRow>()
let dispatcher: Dispatcher | undefined
let offset = 0n
let until = 0

afterEach(() => {
  dispatcher?.dropAll()
  dispatcher = undefined
  ledger = []
  reads = []
  sent = []
  isSent = new Set()
})

test('a high message behind a campaign of 20,000 leaves at once, after the older ones of its own lane', async () => {
  ledger = campaign('bulk')
  const older = add('bulk', recipient(77))
  const urgent = add('high', recipient(77))
  await run(60)
  const own = sent.filter(({ to }) => to === recipient(77)).map(({ id }) => id)
  assert.deepEqual(own.slice(-2), [older.id, urgent.id])
  assert.ok(sent.indexOf(urgent) < 50, `it was number ${sent.indexOf(urgent) + 1}`)
})

test('one that arrives while a campaign is being sent leaves at once, for two reads', async () => {
  ledger = campaign('normal')
  await run(300)
  const before = reads.length
  const urgent = add('high', recipient(0))
  dispatcher?.offer([urgent])
  await run(20)
  assert.ok(sent.indexOf(urgent) < 320, `it was number ${sent.indexOf(urgent) + 1}`)
  assert.ok(reads.length - before <= 2, `${reads.length - before} reads`)
})

test('normal messages keep their share behind bulk ones, and bulk ones theirs', async () => {
  ledger = campaign('bulk')
  for (let n = 0; n < CAMPAIGN; n++) add('normal', recipient(CAMPAIGN + n))
  await run(2000)
  const normal = sent.filter(({ priority }) => priority === 'normal').length
  assert.ok(normal > 1400 && normal < 1700, `${normal} of 2000`)
})

test('a campaign without anything urgent behind it costs one more read, not one for each page', async () => {
  ledger = campaign('normal')
  await run(3000)
  assert.equal(reads.filter(({ priority }) => priority !== undefined).length, 1)
})

test('many urgent ones at once do not fill the memory', async () => {
  ledger = campaign('bulk')
  for (let n = 0; n < 5000; n++) add('high', recipient(CAMPAIGN + n))
  await run(10)
  const lanesRead = reads.filter(({ to }) => to !== undefined)
  assert.ok(lanesRead.length <= 500 / 8 + 10, `${lanesRead.length} lanes were read ahead`)
})

function campaign(priority: LaneRow['priority']): LaneRow[] {
  return Array.from({ length: CAMPAIGN }, (_, n) => newRow(priority, recipient(n)))
}

function add(priority: LaneRow['priority'], to: string): LaneRow {
  const row = newRow(priority, to)
  ledger.push(row)
  return row
}

function newRow(priority: LaneRow['priority'], to: string): LaneRow {
  offset += 1n
  return laneRow({ id: `${priority} ${offset}`, priority, to, offset })
}

function recipient(n: number): string {
  return `+55119${90_000_000 + n}`
}

const load: Ledger['load'] = async (request) => {
  reads.push(request)
  const { after, to, notTo = [], priority, limit } = request
  const found: LaneRow[] = []
  for (const row of ledger) {
    if (found.length === limit) break
    const isWanted = (to === undefined ? !notTo.includes(row.to) : row.to === to) && !isSent.has(row)
    if (isWanted && (priority ?? row.priority) === row.priority && (!after || compareKeys(row, after) > 0))
      found.push(row)
  }
  return found
}

/** Lets the instance send until so many more have left. */
async function run(count: number): Promise<void> {
  until = sent.length + count
  if (dispatcher === undefined) {
    dispatcher = newDispatcher()
    dispatcher.take('sales')
  }
  dispatcher.look()
  while (sent.length < until) await new Promise((resolve) => setImmediate(resolve))
}

function newDispatcher(): Dispatcher {
  return createDispatcher({
    ledger: { load },
    clock: { monotonic: () => performance.now(), wall: Date.now, storeNow: Date.now, adjust: () => {} },
    serverOf: () => 'default',
    maxInFlight: 100,
    instanceInFlight: 2,
    deliver: async (row, steps) => {
      await steps.slot()
      steps.begun = true
      sent.push(row)
      isSent.add(row)
      steps.answered()
      return { kind: 'ended' }
    },
    settle: async () => ({ kind: 'ended' }),
    isOpen: () => sent.length < until,
    isStopping: () => false,
    owns: () => true,
    mayDispatch: () => true,
    paces: NO_PACE,
    insertingFrom: () => undefined,
    isPartitionLoaded: () => false,
    onError: assert.ifError,
  })
}
