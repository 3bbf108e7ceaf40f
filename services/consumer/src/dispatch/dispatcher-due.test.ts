import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { LaneRow } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { tick, turn } from '../../tests/support/mocked-timers.ts'
import { NO_PACE } from '../../tests/support/no-pace.ts'
import type { DeliveryResult } from '../delivery/deliver-message.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'

const START = 1_000_000
const BEA = '+5511999992000'

let now: number
let dispatcher: Dispatcher
/** What is being sent: how each ends. */
let sending: Map<string, (result: DeliveryResult) => void>
let stored: LaneRow[]
let isGateOpen: boolean
/** When the pace lets the next one go, and when its recipient may be written to. */
let paceFrom: number
let laneFrom: number

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
  now = START
  sending = new Map()
  stored = []
  isGateOpen = true
  paceFrom = 0
  laneFrom = 0
  dispatcher = newDispatcher()
})
afterEach(() => {
  dispatcher.dropAll()
  mock.timers.reset()
})

test('a message is due since the broker had it, however long it lacks a slot', async () => {
  dispatcher = newDispatcher(1)
  dispatcher.offer([row('first'), row('second', { instance: 'other', appendedAt: START - 2000 })])
  await pass(0)
  await pass(5000)
  assert.equal(dispatcher.oldestDueMs(), 7000)
  await end('first')
  assert.equal(dispatcher.dueSince('second'), START - 2000)
  await end('second')
  assert.equal(dispatcher.oldestDueMs(), 0)
})

test('while its instance is held it is not due, and then it is since the gate was opened', async () => {
  isGateOpen = false
  dispatcher.offer([row('first')])
  await pass(60_000)
  assert.equal(dispatcher.oldestDueMs(), 0)
  isGateOpen = true
  dispatcher.look('sales')
  await pass(0)
  assert.equal(dispatcher.dueSince('first'), START + 60_000)
})

test('while its pace keeps it, it is not due, and then it is since the pace let it go, not since somebody looked', async () => {
  paceFrom = START + 900
  dispatcher.offer([row('first')])
  await pass(0)
  await pass(4000)
  assert.equal(dispatcher.dueSince('first'), START + 900)
})

test('a retry is due since its time, and what follows in the lane since the one before it ended', async () => {
  dispatcher.offer([row('first'), row('second')])
  await pass(0)
  await end('first', { kind: 'waits', row: row('first', { nextAttemptAt: START + 800 }) })
  await pass(3000)
  assert.equal(dispatcher.dueSince('first'), START + 800)
  await pass(1000)
  await end('first')
  assert.equal(dispatcher.dueSince('second'), START + 4000)
})

test('while its recipient keeps it, it is not due, and then it is since he may be written to, though none asks at once', async () => {
  laneFrom = START + 700
  dispatcher.offer([row('first')])
  await pass(0)
  laneFrom = 0
  await pass(3000)
  assert.equal(dispatcher.dueSince('first'), START + 700)
})

test('of an instance that was taken over all is due since it was accepted, or was opened by its mark', async () => {
  paceFrom = Number.POSITIVE_INFINITY
  stored = [
    row('old', { appendedAt: START - 600_000 }),
    row('replayed', { to: BEA, appendedAt: START - 900_000, wokenAt: START - 1000 }),
  ]
  dispatcher.take('sales')
  await pass(500)
  paceFrom = 0
  dispatcher.look('sales')
  await pass(0)
  assert.equal(dispatcher.dueSince('old'), START - 600_000)
  assert.equal(dispatcher.dueSince('replayed'), START - 1000)
})

test('what is not under way here is due since no time that is known', async () => {
  dispatcher.offer([row('first')])
  await pass(0)
  await end('first')
  assert.equal(dispatcher.dueSince('first'), undefined)
})

function newDispatcher(maxInFlight = 100): Dispatcher {
  return createDispatcher({
    ledger: { load: async ({ after }) => (after === undefined ? stored : []) },
    clock: { monotonic: () => now, wall: () => now, storeNow: () => now, adjust: () => {} },
    serverOf: () => 'default',
    maxInFlight,
    instanceInFlight: 2,
    deliver: async ({ id }, steps) => {
      await steps.slot()
      steps.begun = true
      const result = await new Promise<DeliveryResult>((resolve) => sending.set(id, resolve))
      steps.answered()
      return result
    },
    settle: async () => assert.fail('nothing was claimed elsewhere'),
    isOpen: () => true,
    isStopping: () => false,
    owns: () => true,
    mayDispatch: () => isGateOpen,
    paces: {
      ...NO_PACE,
      of: () => ({ ...PACER, waitMs: () => Math.max(0, paceFrom - now), laneUntil: () => laneFrom }),
    },
    insertingFrom: () => undefined,
    isPartitionLoaded: () => stored.length === 0,
    onError: assert.ifError,
  })
}

const PACER = {
  room: () => Number.POSITIVE_INFINITY,
  take: () => {},
  giveBack: () => {},
  ask: () => {},
  isKnownBefore: () => true,
  strangersUntil: () => 0,
}

let offset = 0n
function row(id: string, facts: Partial<LaneRow> = {}): LaneRow {
  offset += 1n
  return laneRow({ id, appendedAt: START, offset, ...facts })
}

/** It ends, and what became of it is written. */
async function end(id: string, result: DeliveryResult = { kind: 'ended' }): Promise<void> {
  const answer = sending.get(id)
  assert.ok(answer, `${id} is being sent`)
  sending.delete(id)
  answer(result)
  await pass(0)
  dispatcher.look()
  await pass(0)
}

async function pass(ms: number): Promise<void> {
  await turn()
  now += ms
  await tick(ms)
}
