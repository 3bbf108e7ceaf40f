import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { partitionOf } from '@whatsapp-sender/contract'
import { Kafka } from 'kafkajs'
import { type Assignment, watchAssignment } from './assignment.ts'

const EVENTS = new Kafka({ brokers: ['127.0.0.1:1'] }).consumer({ groupId: 'never-joined' }).events
const MINE = partitionOf('sales', 4)

let now: number
let closings: number
/** What the group says goes to whoever listens, as kafkajs hands it on. */
let listeners: Map<string, ((event: never) => void)[]>
let assignment: Assignment
let told: string[]
let slept: number

beforeEach(() => {
  now = 1000
  listeners = new Map()
  told = []
  slept = 0
  closings = 0
  assignment = watchAssignment({
    consumer: { events: EVENTS, on: listen },
    topic: 'messages',
    clock: { monotonic: () => now, wall: () => now + slept },
    heartbeatAgeMaxMs: 15_000,
    onAssigned: (kept) => told.push(kept ? 'kept' : 'gained'),
    onClosing: () => {
      closings += 1
    },
    onLost: () => told.push('lost'),
    onResumed: () => told.push('resumed'),
  })
  assignment.setPartitionCount(4)
})

test('nothing is owned and nothing may begin before the group has spoken', () => {
  assert.deepEqual([assignment.owns('sales'), assignment.mayBegin()], [false, false])
})

test('an instance is owned by whoever has its partition', () => {
  join('me', [MINE])
  assert.deepEqual([assignment.owns('sales'), assignment.mayBegin(), assignment.partitions()], [true, true, [MINE]])
  join('me', [(MINE + 1) % 4])
  assert.equal(assignment.owns('sales'), false)
})

test('from a rebalance on nothing may begin until the group has spoken again', () => {
  join('me', [MINE])
  assert.equal(closings, 0)
  say(EVENTS.REBALANCING)
  assert.equal(closings, 1, 'who waits to begin is told')
  assert.deepEqual([assignment.mayBegin(), assignment.owns('sales')], [false, true])
  beat(1)
  assert.equal(assignment.mayBegin(), false, 'a heartbeat does not end a rebalance')
  join('me', [MINE])
  assert.equal(assignment.mayBegin(), true)
})

test('a rebalance that was none is over when heartbeats of the old generation go on being accepted', () => {
  join('me', [MINE])
  beat(7)
  say(EVENTS.REBALANCING)
  beat(7)
  assert.equal(assignment.mayBegin(), false, 'this one may have been on its way before')
  beat(7)
  assert.equal(assignment.mayBegin(), true)
  assert.deepEqual(told, ['gained', 'resumed'])
})

test('a heartbeat of another generation ends no rebalance: who owns what is told by the group alone', () => {
  join('me', [MINE])
  beat(7)
  say(EVENTS.REBALANCING)
  for (const generation of [7, 8, 8, 8]) beat(generation)
  assert.equal(assignment.mayBegin(), false)
  say(EVENTS.CRASH)
  for (let beats = 0; beats < 3; beats++) beat(7)
  assert.equal(assignment.mayBegin(), false, 'whoever lost his place owns nothing')
})

test('partitions are kept by the same member with a fresh heartbeat, otherwise gained anew', () => {
  join('me', [MINE])
  join('me', [MINE])
  join('me-again', [MINE])
  now += 15_000
  join('me-again', [MINE])
  assert.deepEqual(told, ['gained', 'kept', 'gained', 'gained'])
})

test('without a heartbeat for 15 s nothing may begin, and the next one opens it and says so', () => {
  join('me', [MINE])
  now += 14_999
  assert.equal(assignment.mayBegin(), true)
  now += 1
  assert.equal(assignment.mayBegin(), false)
  beat(1)
  beat(1)
  assert.equal(assignment.mayBegin(), true)
  assert.deepEqual(told, ['gained', 'resumed'])
})

test('a machine that slept has no fresh heartbeat, though its monotonic clock stood', () => {
  join('me', [MINE])
  slept = 15_000
  assert.equal(assignment.mayBegin(), false)
})

for (const event of [EVENTS.CRASH, EVENTS.STOP, EVENTS.DISCONNECT]) {
  test(`after ${event} nothing is owned, and what is given later is gained anew`, () => {
    join('me', [MINE])
    say(event)
    assert.deepEqual([assignment.owns('sales'), assignment.mayBegin()], [false, false])
    join('me', [MINE])
    assert.deepEqual(told, ['gained', 'lost', 'gained'])
  })
}

test('after the stop nothing begins, whatever the group still says', () => {
  join('me', [MINE])
  assignment.stop()
  assert.equal(closings, 1)
  join('me', [MINE])
  assert.equal(assignment.mayBegin(), false)
  assert.equal(assignment.owns('sales'), true, 'what is in flight is still ours to end')
})

test('another count of partitions moves instances, and is told as another', () => {
  join('me', [0])
  assert.equal(assignment.setPartitionCount(4), false)
  assert.equal(assignment.setPartitionCount(1), true)
  assert.deepEqual([assignment.owns('sales'), assignment.partitionOf('sales')], [true, 0])
})

function listen(event: string, listener: (event: never) => void): () => void {
  listeners.set(event, [...(listeners.get(event) ?? []), listener])
  return () => {}
}

function say(event: string, facts: unknown = {}): void {
  for (const listener of listeners.get(event) ?? []) Reflect.apply(listener, undefined, [facts])
}

function beat(groupGenerationId: number): void {
  say(EVENTS.HEARTBEAT, { payload: { groupGenerationId } })
}

function join(memberId: string, partitions: readonly number[]): void {
  say(EVENTS.GROUP_JOIN, { payload: { memberId, memberAssignment: { messages: partitions } } })
}
