import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { MOVED, type SkippedRecords, type SkipWatch, watchSkipped } from './skipped-records.ts'

let committed: Map<number, bigint>
let lows: Map<number, bigint>
let told: SkippedRecords[]
let moved: SkippedRecords[]
let failures: Error[]
let watch: SkipWatch

beforeEach(() => {
  committed = new Map([[0, 50n]])
  lows = new Map([[0, 10n]])
  told = []
  moved = []
  failures = []
  watch = watchSkipped({
    readPositions: async () => {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      return { committed, lows }
    },
    onSkipped: (records) => told.push(records),
    onMoved: (records) => moved.push(records),
    onError: () => {},
  })
})

test('a batch that begins where the group stands, or before it, follows', async () => {
  watch.assigned([0])
  assert.equal(await watch.follows(0, '50'), true)
  assert.equal(await watch.follows(0, '20'), true)
  watch.passed(0, '60')
  assert.equal(await watch.follows(0, '60'), true)
  assert.deepEqual(told, [])
})

test('records dropped before they were read are told at the assignment, though none comes after them', async () => {
  lows.set(0, 70n)
  watch.assigned([0])
  await watch.follows(1, '0')
  assert.deepEqual(told, [{ partition: 0, from: 50n, until: 70n }])
})

test('a batch behind records that the topic has dropped meanwhile does not follow, and it is told', async () => {
  watch.assigned([0])
  await watch.follows(0, '50')
  watch.passed(0, '55')
  lows.set(0, 80n)
  assert.equal(await watch.follows(0, '80'), false)
  assert.deepEqual(told, [{ partition: 0, from: 55n, until: 80n }])
})

test('a hole in the offsets that no retention has made is no loss', async () => {
  watch.assigned([0])
  assert.equal(await watch.follows(0, '53'), true)
  assert.deepEqual(told, [])
})

test('a group that has committed nothing misses nothing', async () => {
  committed.clear()
  lows.set(0, 70n)
  watch.assigned([0])
  assert.equal(await watch.follows(0, '70'), true)
  assert.deepEqual(told, [])
})

test('a group that was moved to the first record left is told of, and goes on from there', async () => {
  committed = new Map([[0, MOVED]])
  lows.set(0, 70n)
  watch.assigned([0])
  assert.equal(await watch.follows(0, '70'), true)
  assert.deepEqual([told, moved], [[], [{ partition: 0, from: undefined, until: 70n }]])
})

test('a batch waits until it is known where the group stands, however often the question fails', async () => {
  failures = [new Error('no broker')]
  lows.set(0, 70n)
  watch.assigned([0])
  assert.equal(await watch.follows(0, '70'), false)
})

test('what another assignment wanted to know is not taken for this one', async () => {
  watch.assigned([0])
  committed = new Map([[0, 90n]])
  watch.assigned([0])
  assert.equal(await watch.follows(0, '90'), true)
  assert.deepEqual(told, [])
})
