import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { Kafka } from 'kafkajs'
import { type BlockedPartitions, watchBlocked } from './blocked-partitions.ts'

const EVENTS = new Kafka({ brokers: ['127.0.0.1:1'] }).consumer({ groupId: 'never-joined' }).events

let calls: unknown[]
let groupSpeaks: () => void
let blocked: BlockedPartitions

beforeEach(() => {
  calls = []
  blocked = watchBlocked(
    {
      events: EVENTS,
      on: (event, listener) => {
        if (event === EVENTS.GROUP_JOIN) groupSpeaks = () => Reflect.apply(listener, undefined, [{}])
        return () => {}
      },
      pause: (topics) => void calls.push(['pause', ...topics]),
      resume: (topics) => void calls.push(['resume', ...topics]),
    },
    'messages',
  )
})

test('a partition that waits for a newer version is paused, and somebody can tell', () => {
  assert.equal(blocked.isAny(), false)
  blocked.block(3)
  assert.deepEqual(calls, [['pause', { topic: 'messages', partitions: [3] }]])
  assert.equal(blocked.isAny(), true)
})

test('when the group has spoken, what was blocked is read again, and nothing waits until it blocks anew', () => {
  blocked.block(3)
  blocked.block(5)
  groupSpeaks()
  assert.deepEqual(calls.at(-1), ['resume', { topic: 'messages', partitions: [3, 5] }])
  assert.equal(blocked.isAny(), false)
  blocked.block(3)
  assert.equal(blocked.isAny(), true)
})

test('nothing is resumed that was not blocked', () => {
  groupSpeaks()
  assert.deepEqual(calls, [])
})
