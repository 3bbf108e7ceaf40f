import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { type RebalanceWatch, watchRebalances } from './rebalance-watch.ts'

let now: number
let isSending: boolean
let pauses: [string, number][]
let watch: RebalanceWatch

beforeEach(() => {
  now = 0
  isSending = true
  pauses = []
  watch = watchRebalances({
    monotonic: () => now,
    isSending: () => isSending,
    onPause: (until, ms) => pauses.push([until, ms]),
  })
})

test('a rebalance is measured to the join and to the first request after it, once', () => {
  at(100, watch.closing)
  at(150, watch.begun)
  at(400, watch.joined)
  at(450, watch.begun)
  at(460, watch.begun)
  assert.deepEqual(pauses, [
    ['joined', 300],
    ['first-send', 350],
  ])
})

test('a process that had nothing to send does not count its silence', () => {
  isSending = false
  at(100, watch.closing)
  at(400, watch.joined)
  at(9000, watch.begun)
  assert.deepEqual(pauses, [['joined', 300]])
})

test('a rebalance that follows upon another before anything was sent is measured anew', () => {
  at(100, watch.closing)
  at(200, watch.joined)
  at(500, watch.closing)
  at(600, watch.joined)
  at(700, watch.begun)
  assert.deepEqual(pauses, [
    ['joined', 100],
    ['joined', 100],
    ['first-send', 200],
  ])
})

test('a rebalance that is told twice begins with the first word of it', () => {
  at(100, watch.closing)
  at(200, watch.closing)
  at(300, watch.joined)
  assert.deepEqual(pauses, [['joined', 200]])
})

test('joining for the first time, and sending long after, are no pauses', () => {
  at(100, watch.joined)
  at(200, watch.begun)
  at(300, watch.closing)
  at(400, watch.joined)
  at(61_000, watch.begun)
  assert.deepEqual(pauses, [['joined', 100]])
})

function at(ms: number, happens: () => void): void {
  now = ms
  happens()
}
