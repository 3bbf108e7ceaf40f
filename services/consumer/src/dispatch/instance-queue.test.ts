import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { laneRow } from '../../tests/support/lane-row.ts'
import { finishHead, forgetRows, type InstanceQueue, loadRow, newInstanceQueue, offerRow } from './instance-queue.ts'
import { laneRows } from './lane.ts'

const LANE_ROWS_MAX = laneRows(500)

let queue: InstanceQueue
beforeEach(() => {
  queue = newInstanceQueue('sales')
  queue.state = 'live'
  queue.more = false
})

test('nothing is taken while the instance is read, for an older row may still be found', () => {
  queue.state = 'loading'
  assert.equal(offerRow(queue, row(1), 500), 'left')
  assert.deepEqual([queue.more, queue.rowsHeld], [true, 0])
})

test('what has no room stays in the ledger, and all that comes after it', () => {
  offerRow(queue, row(1), 1)
  assert.equal(offerRow(queue, row(2), 1), 'left')
  assert.equal(offerRow(queue, row(3), 500), 'left')
  assert.deepEqual([queue.more, queue.rowsHeld], [true, 1])
})

test('a lane that is full leaves the rest in the ledger, other lanes do not', () => {
  for (let n = 0; n <= LANE_ROWS_MAX; n++) offerRow(queue, row(n), 500)
  assert.equal(queue.lanes.get(row(0).to)?.rows.length, LANE_ROWS_MAX)
  assert.equal(queue.lanes.get(row(0).to)?.more, true)
  assert.notEqual(offerRow(queue, row(100, '+5511999992000'), 500), 'left')
})

test('a row that is here already is not taken twice, whichever way it comes', () => {
  offerRow(queue, row(1), 500)
  assert.equal(offerRow(queue, row(1), 500), 'left')
  assert.equal(loadRow(queue, row(1)), undefined)
  assert.equal(queue.rowsHeld, 1)
})

test('a row whose place is before rows that are here makes the instance be read anew', () => {
  offerRow(queue, row(5), 500)
  assert.equal(offerRow(queue, row(4), 500), 'passed')
})

test('reading anew forgets what waits and keeps what is busy, with older rows after it', () => {
  offerRow(queue, row(5), 500)
  offerRow(queue, row(6), 500)
  const lane = queue.lanes.get(row(5).to)
  assert.ok(lane)
  lane.busy = row(5)
  forgetRows(queue)
  for (const each of [row(3), row(5), row(6)]) loadRow(queue, each)
  assert.deepEqual(
    lane.rows.map(({ id }) => id),
    ['5', '3', '6'],
  )
  assert.equal(queue.rowsHeld, 3)
})

test('a lane without rows is kept nowhere', () => {
  offerRow(queue, row(1), 500)
  const lane = queue.lanes.get(row(1).to)
  assert.ok(lane)
  finishHead(queue, lane, row(1), queue.generation)
  assert.deepEqual([queue.lanes.size, queue.rowsHeld], [0, 0])
})

test('a row that was replayed while its lane was busy with it comes back when the instance is read anew', () => {
  offerRow(queue, row(1), 500)
  const lane = queue.lanes.get(row(1).to)
  assert.ok(lane)
  lane.busy = row(1)
  const { generation } = queue
  forgetRows(queue)
  finishHead(queue, lane, row(1), generation)
  assert.equal(loadRow(queue, row(1)), lane)
})

function row(offset: number, to = '+5511999991000') {
  return laneRow({ id: `${offset}`, offset: BigInt(offset), to })
}
