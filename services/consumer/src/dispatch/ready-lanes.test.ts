import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { laneRow } from '../../tests/support/lane-row.ts'
import { appendToLane, type Lane, newLane, type Priority } from './lane.ts'
import { clearReady, liftLane, listLane, newReadyLanes, takeLane } from './ready-lanes.ts'

const PRIORITIES = ['high', 'normal', 'bulk'] as const

let offset = 0n

function add(lane: Lane, priority: Priority): void {
  offset += 1n
  appendToLane(lane, laneRow({ id: `${offset}`, offset, priority }))
}

function laneWith(to: string, ...priorities: Priority[]): Lane {
  const lane = newLane(to)
  for (const priority of priorities) add(lane, priority)
  return lane
}

function takenOf(ready: ReturnType<typeof newReadyLanes>, turns: number, again: boolean): string[] {
  return Array.from({ length: turns }, () => {
    const lane = takeLane(ready)
    if (lane !== undefined && again) listLane(ready, lane)
    return lane?.to ?? ''
  })
}

test('of 13 turns 8 are high, 4 normal and 1 bulk, and none waits for all of another', () => {
  const ready = newReadyLanes()
  for (const priority of PRIORITIES) for (let n = 0; n < 3; n++) listLane(ready, laneWith(priority, priority))
  const turns = takenOf(ready, 130, true)
  for (const [priority, share] of [
    ['high', 80],
    ['normal', 40],
    ['bulk', 10],
  ] as const)
    assert.equal(turns.filter((turn) => turn === priority).length, share, priority)
  assert.equal(turns.slice(0, 13).join(' '), 'high normal high high normal high bulk high normal high high normal high')
})

test('the share of a priority is kept however few lanes it has', () => {
  const ready = newReadyLanes()
  listLane(ready, laneWith('high', 'high'))
  for (let n = 0; n < 50; n++) listLane(ready, laneWith('bulk', 'bulk'))
  const turns = takenOf(ready, 90, true)
  assert.equal(turns.filter((turn) => turn === 'bulk').length, 10)
})

test('a high message is next although bulk ones have had every turn so far', () => {
  const ready = newReadyLanes()
  for (let n = 0; n < 50; n++) listLane(ready, laneWith('bulk', 'bulk'))
  for (let round = 0; round < 40; round++) {
    takenOf(ready, 5, true)
    listLane(ready, laneWith('high', 'high'))
    assert.equal(takeLane(ready)?.to, 'high', `round ${round}`)
  }
})

test('a lane goes by the highest priority that waits in it, wherever in it that is', () => {
  const ready = newReadyLanes()
  listLane(ready, laneWith('all bulk', 'bulk', 'bulk'))
  listLane(ready, laneWith('urgent behind bulk', 'bulk', 'normal', 'high'))
  assert.deepEqual(takenOf(ready, 3, false), ['urgent behind bulk', 'all bulk', ''])
})

test('a listed lane is lifted by a message of higher priority, and by no other', () => {
  const ready = newReadyLanes()
  const lanes = ['a', 'b', 'c'].map((to) => laneWith(to, 'normal'))
  for (const lane of lanes) listLane(ready, lane)
  const [first, second] = lanes
  assert.ok(first !== undefined && second !== undefined)
  add(first, 'bulk')
  liftLane(ready, first, 'bulk')
  add(second, 'high')
  liftLane(ready, second, 'high')
  assert.equal(ready.size, 3)
  assert.deepEqual(takenOf(ready, 4, false), ['b', 'a', 'c', ''])
})

/** What is listed, as plain arrays; `take` answers from which of them a lane had to come first. */
function createModel() {
  const lists: Record<Priority, Lane[]> = { high: [], normal: [], bulk: [] }
  return {
    list: (priority: Priority, lane: Lane) => void lists[priority].push(lane),
    take: (lane: Lane | undefined): Priority | undefined => {
      const from = PRIORITIES.find((each) => lane !== undefined && lists[each][0] === lane)
      if (from !== undefined) lists[from].shift()
      return from
    },
    bulkAt: (pick: number) => lists.bulk[pick % Math.max(1, lists.bulk.length)],
    lift: (lane: Lane, priority: Priority) => {
      lists.bulk.splice(lists.bulk.indexOf(lane), 1)
      lists[priority].push(lane)
    },
    waiting: (priority: Priority) => lists[priority].length,
    size: () => lists.high.length + lists.normal.length + lists.bulk.length,
  }
}

test('every listed lane is taken once, in its order among its equals, over any mix of steps', () => {
  const step = fc.record({
    kind: fc.constantFrom('list', 'take', 'lift', 'list'),
    priority: fc.constantFrom(...PRIORITIES),
    pick: fc.nat(1000),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const ready = newReadyLanes()
      const model = createModel()
      let passedOver = 0
      const happenings = {
        list: (priority: Priority) => {
          const lane = laneWith(priority, priority)
          listLane(ready, lane)
          model.list(priority, lane)
        },
        take: () => {
          const waited = model.size()
          const from = model.take(takeLane(ready))
          assert.equal(from === undefined, waited === 0, 'the first of its priority')
          passedOver = from === 'bulk' || model.waiting('bulk') === 0 ? 0 : passedOver + 1
          assert.ok(passedOver <= 26, 'bulk starves')
        },
        lift: (priority: Priority, pick: number) => {
          const lane = model.bulkAt(pick)
          if (lane === undefined || priority === 'bulk') return
          add(lane, priority)
          liftLane(ready, lane, priority)
          model.lift(lane, priority)
        },
      }
      for (const { kind, priority, pick } of steps) {
        happenings[kind](priority, pick)
        assert.equal(ready.size, model.size())
      }
      clearReady(ready)
      assert.equal(takeLane(ready), undefined)
    }),
    { numRuns: 300 },
  )
})
