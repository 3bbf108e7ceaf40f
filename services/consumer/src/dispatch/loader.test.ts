import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { LaneRow, Ledger, OrderKey } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { type InstanceQueue, laneOf, newInstanceQueue, offerRow, park, unpark, windowRows } from './instance-queue.ts'
import { laneRows } from './lane.ts'
import { createLoader } from './loader.ts'
import { compareKeys } from './order-key.ts'

const LANE_ROWS_MAX = laneRows(500)

const ANA = '+5511999991000'
const BEA = '+5511999992000'

let ledger: LaneRow[]
let queue: InstanceQueue
let inserting: OrderKey | undefined
let reads: Parameters<Ledger['load']>[0][]
/** Called before a read is answered. */
let whileReading: () => void

beforeEach(() => {
  ledger = []
  reads = []
  inserting = undefined
  whileReading = () => {}
  queue = newInstanceQueue('sales')
})

test('rows come into their lanes in order, and the instance is complete', async () => {
  ledger = [row(1, ANA), row(2, BEA), row(3, ANA)]
  await loaderOf().refill(queue)
  assert.deepEqual([offsets(ANA), offsets(BEA)], [[1, 3], [2]])
  assert.deepEqual([queue.state, queue.more], ['live', false])
})

test('what is offered while a page is read is not missed', async () => {
  ledger = [row(1, ANA), row(2, ANA)]
  const views = [[row(1, ANA)]]
  whileReading = () => {
    if (reads.length === 1) offerRow(queue, row(2, ANA), 500)
  }
  await loaderOf(500, () => views.shift() ?? ledger).refill(queue)
  assert.deepEqual(offsets(ANA), [1, 2])
})

test('rows of an insert that is on its way are left, for an older one of it may not be seen yet', async () => {
  ledger = [row(1, ANA), row(3, ANA)]
  inserting = row(2, ANA)
  const loader = loaderOf()
  await loader.refill(queue)
  assert.deepEqual([offsets(ANA), queue.more], [[1], true])
  ledger.splice(1, 0, row(2, ANA))
  inserting = undefined
  await loader.refill(queue)
  assert.deepEqual([offsets(ANA), queue.more], [[1, 2, 3], false])
})

test('an insert that begins during a read counts as on its way', async () => {
  ledger = [row(1, ANA), row(3, ANA)]
  whileReading = () => {
    inserting = row(2, ANA)
  }
  await loaderOf().refill(queue)
  assert.deepEqual([offsets(ANA), queue.more], [[1], true])
})

test('a lane that is read from its start gets past a row that is here, and never reads one page for ever', async () => {
  ledger = [row(1, ANA), row(2, ANA), row(3, ANA)]
  const lane = laneOf(queue, ANA)
  lane.rows = [row(1, ANA)]
  lane.more = true
  whileReading = () => {
    if (reads.length > 10) throw new Error('again and again')
  }
  await loaderOf(10).refillLane(queue, lane)
  assert.deepEqual(offsets(ANA), [1, 2])
  assert.deepEqual([reads.length, lane.more], [1, true])
})

test('a page asked for before the instance was read anew is thrown away', async () => {
  ledger = [row(1, ANA)]
  whileReading = () => {
    queue.generation += 1
  }
  await loaderOf().refill(queue)
  assert.deepEqual([offsets(ANA), queue.state], [[], 'loading'])
})

test('one recipient with many rows does not keep the others out of memory', async () => {
  ledger = [...rows(ANA, 1, 2000), ...rows(BEA, 2001, 3)]
  await loaderOf().refill(queue)
  assert.deepEqual([offsets(ANA).length, offsets(BEA)], [LANE_ROWS_MAX, [2001, 2002, 2003]])
  assert.deepEqual([queue.more, queue.lanes.get(ANA)?.more], [false, true])
  assert.ok(reads.length <= 3, 'rows that have no room are not read page by page')
})

test('an instance holds no more rows than its window, however many wait', async () => {
  ledger = Array.from({ length: 3000 }, (_, n) => row(n, `+55119999${String(n % 900).padStart(5, '0')}`))
  const loader = loaderOf(300)
  await loader.refill(queue)
  assert.ok(queue.rowsHeld <= 300 + 10, `${queue.rowsHeld} rows`)
  assert.deepEqual([queue.state, queue.more], ['live', true])
})

test('the rest of a long lane comes in order, after what is in memory', async () => {
  ledger = rows(ANA, 1, 120)
  const loader = loaderOf()
  await loader.refill(queue)
  const lane = queue.lanes.get(ANA)
  assert.ok(lane)
  lane.rows.splice(0, 30)
  await loader.refillLane(queue, lane)
  assert.deepEqual(offsets(ANA), range(31, 80))
  lane.rows.splice(0, 45)
  await loader.refillLane(queue, lane)
  assert.deepEqual([offsets(ANA), lane.more], [range(76, 120), false])
})

for (const isReadyAgain of [false, true]) {
  const moment = isReadyAgain ? 'parked and ready again' : 'parked'
  test(`a lane that is ${moment} while its page is read leaves out nothing`, async () => {
    ledger = rows(ANA, 1, 60)
    const loader = loaderOf()
    await loader.refill(queue)
    const lane = queue.lanes.get(ANA)
    assert.ok(lane)
    lane.rows.splice(0, 30)
    whileReading = () => {
      whileReading = () => {}
      park(queue, lane)
      if (isReadyAgain) unpark(queue, lane)
    }
    await loader.refillLane(queue, lane)
    assert.deepEqual([offsets(ANA), lane.more], isReadyAgain ? [range(31, 60), false] : [[31], true])
    unpark(queue, lane)
    await loader.refillLane(queue, lane)
    assert.deepEqual([offsets(ANA), lane.more], [range(31, 60), false])
  })
}

test('what a lane gives back is found again, also what is older than the message it is busy with', async () => {
  const lane = laneOf(queue, ANA)
  lane.busy = row(10, ANA)
  lane.rows = [lane.busy]
  ledger = [row(4, ANA), row(10, ANA), row(11, ANA)]
  const loader = loaderOf()
  await loader.refill(queue)
  assert.deepEqual(offsets(ANA), [10, 4, 11])
  park(queue, lane)
  unpark(queue, lane)
  await loader.refillLane(queue, lane)
  assert.deepEqual([offsets(ANA), lane.more], [[10, 4, 11], false])
})

test('a row that neither the page of its lane nor that of its instance can see is read all the same', async () => {
  ledger = rows(ANA, 1, 60)
  const loader = loaderOf()
  await loader.refill(queue)
  queue.more = true
  const lane = queue.lanes.get(ANA)
  assert.ok(lane)
  lane.rows.splice(0, 30)
  // Both pages are asked for; the lane's is answered from before the row, the instance's leaves its lane out.
  let all: Promise<void> | undefined
  whileReading = () => {
    whileReading = () => {
      whileReading = () => {}
      ledger.push(row(61, ANA), row(62, BEA))
    }
    all = loader.refill(queue)
  }
  const views = [[...ledger]]
  await loaderOf(500, () => views.shift() ?? ledger).refillLane(queue, lane)
  await all
  await loader.refillLane(queue, lane)
  assert.deepEqual([offsets(ANA).at(-1), offsets(BEA)], [61, [62]])
})

test('the window shrinks as instances share the memory, to ten rows at least', () => {
  assert.deepEqual([1, 64, 320, 100_000].map(windowRows), [500, 500, 100, 10])
})

function loaderOf(rowsMax = 500, seen = () => ledger) {
  return createLoader({
    ledger: {
      load: async (request) => {
        reads.push(request)
        whileReading()
        await Promise.resolve()
        const { after, to, notTo = [], limit } = request
        return seen()
          .filter((each) => after === undefined || compareKeys(each, after) > 0)
          .filter((each) => (to === undefined ? !notTo.includes(each.to) : each.to === to))
          .slice(0, limit)
      },
    },
    insertingFrom: () => inserting,
    rowsMax: () => rowsMax,
    onRow: () => {},
  })
}

function row(offset: number, to: string): LaneRow {
  return laneRow({ id: `${offset}`, offset: BigInt(offset), to })
}

function rows(to: string, from: number, count: number): LaneRow[] {
  return Array.from({ length: count }, (_, n) => row(from + n, to))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n)
}

function offsets(to: string): number[] {
  return (queue.lanes.get(to)?.rows ?? []).map(({ offset }) => Number(offset))
}
