import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { laneRow } from '../../tests/support/lane-row.ts'
import type { DeliveryResult, DeliverySteps } from '../delivery/deliver-message.ts'
import { type Carrier, createCarrier } from './carrier.ts'

type Carried = { id: string; steps: DeliverySteps; end: (result: DeliveryResult) => void }

let carrier: Carrier
let carried: Carried[]
let answered: string[]

beforeEach(() => {
  carried = []
  answered = []
  carrier = createCarrier({
    clock: { monotonic: () => 0 },
    maxInFlight: 2,
    deliver: ({ id }, steps) => new Promise((end) => carried.push({ id, steps, end })),
  })
})

test('claims run a little ahead of the slots, and no further', () => {
  let selected = 0
  while (carrier.hasRoom() && selected < 100) {
    selected += 1
    void carry(`${selected}`)
  }
  assert.equal(selected, 2 + 8)
})

test('a slot is taken for the request and free at the answer, before the outcome is written', async () => {
  const carrying = carry('a')
  const { steps, end } = theOnly()
  assert.equal(carrier.inFlight(), 0)
  await steps.slot()
  assert.equal(carrier.inFlight(), 1)
  steps.begun = true
  steps.answered()
  assert.deepEqual([carrier.inFlight(), answered, carrier.isHeld('a')], [0, ['a'], true])
  end({ kind: 'ended' })
  assert.deepEqual(await carrying, { result: { kind: 'ended' }, begun: true })
  assert.deepEqual([answered, carrier.isHeld('a')], [['a'], false])
})

test('a message that never came to a slot gives its room back, once', async () => {
  const carrying = carry('a')
  theOnly().end({ kind: 'changed' })
  assert.deepEqual(await carrying, { result: { kind: 'changed' }, begun: false })
  assert.deepEqual([answered, carrier.inFlight()], [['a'], 0])
  let selected = 0
  while (carrier.hasRoom() && selected < 100) void carry(`${++selected}`)
  assert.equal(selected, 10)
})

test('idle comes when nothing is under way', async () => {
  await carrier.idle()
  void carry('a')
  let isIdle = false
  const idle = carrier.idle().then(() => {
    isIdle = true
  })
  await turn()
  assert.equal(isIdle, false)
  theOnly().end({ kind: 'ended' })
  await idle
})

function carry(id: string) {
  return carrier.carry(laneRow({ id }), () => answered.push(id))
}

function theOnly(): Carried {
  const [first, ...more] = carried
  assert.ok(first !== undefined && more.length === 0)
  return first
}
