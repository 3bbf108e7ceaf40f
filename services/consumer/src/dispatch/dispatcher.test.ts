import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { Pace } from '@whatsapp-sender/contract'
import type { LaneRow } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { tick, turn } from '../../tests/support/mocked-timers.ts'
import type { DeliveryResult, DeliverySteps } from '../delivery/deliver-message.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { createPacer, type Pacer } from './pacer.ts'

const ANA = '+5511999991000'
const BEA = '+5511999992000'

type Sending = { row: LaneRow; at: number; steps: DeliverySteps; end: (result: DeliveryResult) => void }

let now: number
let dispatcher: Dispatcher
/** What is being sent, in order of its beginning. */
let sending: Sending[]
let begun: string[]
/** What is let go and then does not begin. */
let unfit: string[]
let times: number[]
let settling: LaneRow[]
let settled: DeliveryResult
let stored: LaneRow[]
let isOpen: boolean
let shut: string[]
let servers: Map<string, string>
let foreign: string[]
let pace: Pace
let pacer: Pacer

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
  now = 1_000_000
  sending = []
  begun = []
  unfit = []
  times = []
  settling = []
  settled = { kind: 'ended' }
  stored = []
  isOpen = true
  shut = []
  servers = new Map()
  foreign = []
  pace = { perMinute: 0, burst: 1 }
  pacer = newPacer()
  dispatcher = newDispatcher()
})
afterEach(() => {
  dispatcher.dropAll()
  mock.timers.reset()
})

test('instances take turns, however much one of them has waiting', async () => {
  dispatcher = newDispatcher({ maxInFlight: 1 })
  const many = Array.from({ length: 30 }, (_, n) => row(`big-${n}`, { instance: 'big', to: `+55119999${10000 + n}` }))
  dispatcher.offer([...many, row('small-1', { instance: 'small' }), row('small-2', { instance: 'small', to: BEA })])
  await pass(0)
  while (sending.length > 0) await answer(sending[0]?.row.id ?? '')
  const small = begun.filter((id) => id.startsWith('small'))
  assert.deepEqual(small, ['small-1', 'small-2'])
  assert.ok(begun.indexOf('small-2') <= 8, `small-2 came as number ${begun.indexOf('small-2') + 1}`)
})

test('a lane sends one message at a time, in order, and waits until the outcome is written', async () => {
  dispatcher.offer([row('a1'), row('a2'), row('b1', { to: BEA })])
  await pass(0)
  assert.deepEqual(begun, ['a1', 'b1'])
  sending.find(({ row }) => row.id === 'a1')?.steps.answered()
  dispatcher.offer([row('a3')])
  await pass(0)
  assert.deepEqual(begun, ['a1', 'b1'])
  await answer('a1')
  assert.deepEqual(begun, ['a1', 'b1', 'a2'])
})

test('an instance has no more requests open than it may, and the answer makes room, not the writing', async () => {
  dispatcher.offer([1, 2, 3, 4].map((n) => row(`${n}`, { to: `+551199999100${n}` })))
  await pass(0)
  assert.deepEqual(begun, ['1', '2'])
  sending[0]?.steps.answered()
  await pass(0)
  assert.deepEqual(begun, ['1', '2', '3'])
})

test('no window holds more messages than the pace and one burst', async () => {
  pace = { perMinute: 120, burst: 3 }
  dispatcher.offer(Array.from({ length: 80 }, (_, n) => row(`${n}`, { to: `+55119999${10000 + n}` })))
  for (let n = 0; n < 600; n++) {
    await pass(50)
    for (const { row } of [...sending]) await answer(row.id)
  }
  assert.ok(times.length >= 55, `${times.length} in half a minute`)
  times.forEach((from, first) => {
    const within = times.slice(first).map((to) => 3 + ((to - from) * 120) / 60_000 + 1e-6)
    assert.ok(
      within.every((most, more) => more + 1 <= most),
      `too many from ${from} on`,
    )
  })
})

test('a message that was not begun gives its place in the pace back', async () => {
  pace = { perMinute: 60, burst: 1 }
  unfit = ['a1']
  dispatcher.offer([row('a1'), row('b1', { to: BEA })])
  await pass(1002)
  assert.deepEqual(begun, ['a1'])
  await answer('a1', { kind: 'waits', row: row('a1', { nextAttemptAt: now + 60_000 }) })
  await pass(2)
  assert.deepEqual(begun, ['a1', 'b1'])
})

test('nothing is selected while the process may not begin, and all goes on when it may', async () => {
  isOpen = false
  dispatcher.offer([row('a1'), row('b1', { to: BEA })])
  await pass(5000)
  assert.deepEqual(begun, [])
  isOpen = true
  dispatcher.look()
  await pass(0)
  assert.deepEqual(begun, ['a1', 'b1'])
})

test('an instance behind a shut gate waits, others do not, and a look brings it back', async () => {
  shut = ['sales']
  dispatcher.offer([row('a1'), row('o1', { instance: 'other' })])
  await pass(5000)
  assert.deepEqual(begun, ['o1'])
  shut = []
  dispatcher.look('sales')
  await pass(0)
  assert.deepEqual(begun, ['o1', 'a1'])
})

test('a retry blocks its own lane until its time, and no other', async () => {
  dispatcher.offer([row('a1'), row('a2'), row('b1', { to: BEA })])
  await pass(0)
  await answer('a1', { kind: 'waits', row: row('a1', { attemptsCount: 1, nextAttemptAt: now + 3000 }) })
  await answer('b1')
  await pass(2900)
  assert.deepEqual(begun, ['a1', 'b1'])
  await pass(200)
  assert.deepEqual(begun, ['a1', 'b1', 'a1'])
  assert.equal(sending[0]?.row.attemptsCount, 1)
})

test('a retry that is due after more than a minute comes at its time', async () => {
  dispatcher.offer([row('a1')])
  await pass(0)
  await answer('a1', { kind: 'waits', row: row('a1', { nextAttemptAt: now + 150_000 }) })
  for (let n = 0; n < 149; n++) await pass(1000)
  assert.deepEqual(begun, ['a1'])
  for (let n = 0; n < 2; n++) await pass(1000)
  assert.deepEqual(begun, ['a1', 'a1'])
})

test('a row that some process holds blocks its lane until it is known what became of it', async () => {
  stored = [row('a1', { status: 'sending', by: 'other', offset: 1n }), row('a2', { offset: 2n })]
  settled = { kind: 'waits', row: row('a1', { offset: 1n, attemptsCount: 1 }) }
  dispatcher.reload('sales')
  await pass(0)
  assert.deepEqual([settling.map(({ id }) => id), begun], [['a1'], ['a1']])
})

test('a delivery that fails unexpectedly has its instance read anew', async () => {
  dispatcher.offer([row('a1')])
  await pass(0)
  stored = [row('a1')]
  await answer('a1', { kind: 'changed' })
  await pass(0)
  assert.deepEqual(begun, ['a1', 'a1'])
})

test('a message that the broker puts before others of its lane is found in the ledger', async () => {
  const early = row('early')
  const [first, later] = [row('first'), row('later')]
  dispatcher.offer([first, later])
  await pass(0)
  stored = [early, later]
  dispatcher.offer([early])
  await pass(0)
  await answer('first')
  await answer('early')
  assert.deepEqual(begun, ['first', 'early', 'later'])
})

test('what is owned no longer is forgotten, and what is in flight of it ends by itself', async () => {
  dispatcher.offer([row('a1'), row('a2'), row('o1', { instance: 'other' })])
  await pass(0)
  foreign = ['sales']
  dispatcher.dropForeign()
  assert.deepEqual([dispatcher.instances(), dispatcher.isHeld('a1'), dispatcher.inFlight()], [1, true, 2])
  await answer('a1')
  assert.deepEqual([begun, dispatcher.isHeld('a1'), dispatcher.inFlight()], [['a1', 'o1'], false, 1])
  dispatcher.reload('sales')
  assert.equal(dispatcher.instances(), 1, 'nor is it read again')
})

test('a message under way is left alone when its instance is loaded anew', async () => {
  dispatcher.offer([row('a1')])
  await pass(0)
  dispatcher.dropAll()
  stored = [row('a1')]
  dispatcher.take('sales')
  dispatcher.reload('sales')
  await pass(0)
  assert.deepEqual([begun, settling.map(({ id }) => id)], [['a1'], ['a1']])
})

test('an Evolution server that answers nothing takes no slot from another', async () => {
  dispatcher = newDispatcher({ maxInFlight: 1 })
  servers.set('slow', 'second')
  dispatcher.offer(
    Array.from({ length: 40 }, (_, n) => row(`slow-${n}`, { instance: 'slow', to: `+55119999${10000 + n}` })),
  )
  await pass(0)
  dispatcher.offer([row('a1'), row('b1', { to: BEA })])
  await pass(0)
  await answer('a1')
  await answer('b1')
  assert.deepEqual(
    begun.filter((id) => !id.startsWith('slow')),
    ['a1', 'b1'],
  )
  assert.equal(begun.filter((id) => id.startsWith('slow')).length, 1)
})

test('messages that lack nothing but a slot are due; those that wait for pace, gate or time are not', async () => {
  dispatcher = newDispatcher({ maxInFlight: 1 })
  shut = ['shut']
  isOpen = false
  dispatcher.offer([row('a1'), row('b1', { to: BEA }), row('s1', { instance: 'shut' })])
  await pass(0)
  assert.equal(dispatcher.due(), 2)
})

test('idle comes when nothing is under way any more', async () => {
  dispatcher.offer([row('a1')])
  await pass(0)
  let isIdle = false
  void dispatcher.idle().then(() => {
    isIdle = true
  })
  await pass(0)
  assert.equal(isIdle, false)
  await answer('a1')
  assert.equal(isIdle, true)
})

function newDispatcher(more: Readonly<{ maxInFlight?: number }> = {}): Dispatcher {
  return createDispatcher({
    ledger: { load: async ({ after }) => (after === undefined ? stored : []) },
    clock: { monotonic: () => now, wall: () => now, storeNow: () => now, adjust: () => {} },
    serverOf: (instance) => servers.get(instance) ?? 'default',
    maxInFlight: 100,
    instanceInFlight: 2,
    deliver: async (row, steps) => {
      await steps.slot()
      begun.push(row.id)
      times.push(now)
      if (!unfit.includes(row.id)) pacer.began()
      return await new Promise((end) => sending.push({ row, at: now, steps, end }))
    },
    settle: async (row) => {
      settling.push(row)
      return settled
    },
    isOpen: () => isOpen,
    isStopping: () => false,
    owns: (instance) => !foreign.includes(instance),
    mayDispatch: (instance) => !shut.includes(instance),
    paces: { of: () => pacer, close: () => {} },
    insertingFrom: () => undefined,
    isPartitionLoaded: () => true,
    onError: assert.ifError,
    ...more,
  })
}

function newPacer(): Pacer {
  const made = createPacer({
    instanceId: 'sales-1',
    paceNow: () => pace,
    clock: { monotonic: () => now, storeNow: () => now },
    book: { get: () => undefined, ask: () => {} },
    reserve: () => assert.fail('nothing is counted by the day'),
    onChange: () => dispatcher?.look(),
    onLate: () => {},
    onError: assert.ifError,
  })
  made.load(undefined, undefined)
  return made
}

let offset = 0n
function row(id: string, facts: Partial<LaneRow> = {}): LaneRow {
  offset += 1n
  return laneRow({ id, to: ANA, offset, ...facts })
}

/** Evolution answers, and what it meant is written. */
async function answer(id: string, result: DeliveryResult = { kind: 'ended' }): Promise<void> {
  const at = sending.findIndex(({ row }) => row.id === id)
  const [call] = sending.splice(at, at < 0 ? 0 : 1)
  assert.ok(call, `${id} is being sent`)
  call.steps.begun = !unfit.includes(id)
  call.steps.answered()
  call.end(result)
  await pass(0)
}

async function pass(ms: number): Promise<void> {
  await turn()
  now += ms
  await tick(ms)
}
