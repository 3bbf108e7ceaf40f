import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { laneRow } from '../../tests/support/lane-row.ts'
import { turn } from '../../tests/support/mocked-timers.ts'
import { forgetRows, type InstanceQueue, laneOf, newInstanceQueue } from './instance-queue.ts'
import type { Lane } from './lane.ts'
import { createRefills, type Refills } from './refills.ts'

let now: number
let queue: InstanceQueue
let lane: Lane
let refills: Refills
let reads: { what: string; done: PromiseWithResolvers<void> }[]
let errors: unknown[]

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] })
  now = 0
  reads = []
  errors = []
  queue = newInstanceQueue('sales')
  queue.state = 'live'
  lane = laneOf(queue, '+5511999991000')
  lane.more = true
  const read = (what: string) => {
    const done = Promise.withResolvers<void>()
    reads.push({ what, done })
    return done.promise
  }
  refills = createRefills({
    loader: {
      refill: async (each) => {
        await read('instance')
        each.state = 'live'
      },
      refillLane: () => read('lane'),
      findExpress: async () => [],
    },
    clock: { monotonic: () => now },
    rowsMax: () => 500,
    onLoaded: () => {},
    onError: (error) => errors.push(error),
  })
})
afterEach(() => {
  queue.dropped = true
  mock.timers.reset()
})

test('a read of an instance that fails is repeated, though nothing of it is in memory', async () => {
  lane.more = false
  refills.topUp(queue)
  await next('instance', new Error('away'))
  await pass(499)
  assert.deepEqual(reads, [])
  await pass(1)
  await next('instance')
  assert.equal(errors.length, 1)
})

test('a read of a lane that fails is repeated, though the lane is empty', async () => {
  queue.more = false
  refills.topUp(queue, lane)
  await next('lane', new Error('away'))
  await pass(500)
  await next('lane')
})

test('a read of a lane that a reload overtook is done again', async () => {
  queue.more = false
  refills.topUp(queue, lane)
  lane.busy = laneRow()
  forgetRows(queue)
  queue.more = false
  lane.more = true
  await next('lane')
  await next('lane')
})

test('what was offered while a lane was read is read for', async () => {
  queue.more = false
  refills.topUp(queue, lane)
  await pass(0)
  lane.offered = true
  await next('lane')
  lane.offered = false
  await pass(0)
  lane.more = false
  await next('lane')
  await pass(1000)
  assert.deepEqual(reads, [])
})

test('an instance is read anew at most once a second, and not otherwise before that', async () => {
  lane.more = false
  refills.reload(queue)
  await next('instance')
  refills.reload(queue)
  refills.reload(queue)
  assert.equal(queue.state, 'loading', 'nothing goes out meanwhile')
  refills.topUp(queue)
  await pass(999)
  assert.deepEqual(reads, [])
  await pass(1)
  await next('instance')
  assert.equal(queue.state, 'live')
})

test('no more than eight reads fly at once', async () => {
  for (let n = 0; n < 20; n++) refills.refill(newInstanceQueue(`i-${n}`))
  await pass(0)
  assert.equal(reads.length, 8)
  await next('instance')
  await pass(0)
  assert.equal(reads.length, 8)
})

/** The next read that was asked for is this one; it ends. */
async function next(what: string, error?: Error): Promise<void> {
  await pass(0)
  const read = reads.shift()
  assert.equal(read?.what, what)
  if (error === undefined) read?.done.resolve()
  else read?.done.reject(error)
  await pass(0)
}

async function pass(ms: number): Promise<void> {
  now += ms
  mock.timers.tick(ms)
  for (let n = 0; n < 3; n++) await turn()
}
