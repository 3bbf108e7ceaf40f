import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { LaneRow } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { NO_PACE } from '../../tests/support/no-pace.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { compareKeys } from './order-key.ts'

const NOW = 1_000_000
const FAR = NOW + 300_000

let ledger: LaneRow[]
let sent: string[]

beforeEach(() => {
  ledger = []
  sent = []
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
})
afterEach(() => mock.timers.reset())

test('600 recipients whose messages wait for a retry do not hold the messages of others', async () => {
  for (let n = 0; n < 600; n++) add(`blocked-${n}`, { nextAttemptAt: FAR })
  for (let n = 0; n < 100; n++) add(`free-${n}`)
  await run()
  assert.equal(sent.length, 100)
})

test('a recipient with 1,000 messages behind one that waits for a retry does not hold those of others', async () => {
  for (let n = 0; n < 1000; n++) add('blocked', n === 0 ? { nextAttemptAt: FAR } : {})
  for (let n = 0; n < 100; n++) add(`free-${n}`)
  await run()
  assert.equal(sent.length, 100)
})

test('a message that fails among many instances, with a small window each, holds only its own recipient', async () => {
  for (let n = 0; n < 40; n++) add('blocked', n === 0 ? { nextAttemptAt: FAR } : {})
  for (let n = 0; n < 20; n++) add(`free-${n}`)
  await run(Array.from({ length: 1000 }, (_, n) => `other-${n}`))
  assert.equal(sent.length, 20)
})

test('many failing recipients among many instances, with a small window each, hold nobody else', async () => {
  for (let n = 0; n < 45; n++) add(`blocked-${n}`, { nextAttemptAt: FAR })
  for (let n = 0; n < 20; n++) add(`free-${n}`)
  await run(Array.from({ length: 5000 }, (_, n) => `other-${n}`))
  assert.equal(sent.length, 20)
})

function add(to: string, more: Partial<LaneRow> = {}): void {
  const offset = BigInt(ledger.length)
  ledger.push(laneRow({ id: `${to}/${offset}`, instance: 'sales', to, appendedAt: 1, offset, ...more }))
}

async function run(others: readonly string[] = []): Promise<void> {
  const dispatcher: Dispatcher = createDispatcher({
    ledger: {
      load: async ({ instance, after, to, notTo = [], limit }) =>
        ledger
          .filter((row) => row.instance === instance && (after === undefined || compareKeys(row, after) > 0))
          .filter((row) => (to === undefined ? !notTo.includes(row.to) : row.to === to))
          .slice(0, limit),
    },
    clock: { monotonic: () => NOW, storeNow: () => NOW, wall: () => NOW, adjust: () => {} },
    serverOf: () => 'default',
    maxInFlight: 256,
    instanceInFlight: 2,
    deliver: async (row, steps) => {
      await steps.slot()
      steps.begun = true
      steps.answered()
      sent.push(row.id)
      ledger = ledger.filter(({ id }) => id !== row.id)
      return { kind: 'ended' }
    },
    settle: async () => ({ kind: 'ended' }),
    isOpen: () => true,
    isStopping: () => false,
    owns: () => true,
    mayDispatch: () => true,
    paces: NO_PACE,
    insertingFrom: () => undefined,
    isPartitionLoaded: () => false,
    onError: assert.ifError,
  })
  for (const instance of [...others, 'sales']) dispatcher.take(instance)
  for (let turn = 0; turn < 3000; turn++) {
    for (let n = 0; n < 20; n++) await Promise.resolve()
    mock.timers.tick(1)
  }
  dispatcher.dropAll()
}
