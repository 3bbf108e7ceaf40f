import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { Pace } from '@whatsapp-sender/contract'
import type { LaneRow } from '@whatsapp-sender/store'
import fc from 'fast-check'
import { SALES } from '../../tests/support/instance.ts'
import { laneRow } from '../../tests/support/lane-row.ts'
import { turn } from '../../tests/support/mocked-timers.ts'
import { createSimulatedAccounts, createSimulatedContacts } from '../../tests/support/simulated-accounts.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { createPaces, type Paces } from './paces.ts'

const START = Date.parse('2026-03-10T12:00:00Z')
const DAY_MS = 86_400_000

let now: number
let pace: Pace
let accounts: ReturnType<typeof createSimulatedAccounts>
let contacts: ReturnType<typeof createSimulatedContacts>
let ledger: LaneRow[]
let sent: { id: string; offset: bigint; at: number; by: number }[]
let owners: { dispatcher: Dispatcher; paces: Paces }[]

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
  now = START
  pace = { perMinute: 0, burst: 1 }
  accounts = createSimulatedAccounts()
  contacts = createSimulatedContacts()
  ledger = []
  sent = []
  owners = []
})
afterEach(() => {
  for (const { dispatcher } of owners) dispatcher.dropAll()
  mock.timers.reset()
})

test('messages to one recipient keep their gap, over a hand-over too, and hold nobody else', async () => {
  pace = { perMinute: 0, burst: 1, recipientGapMs: 30_000 }
  wait('a1', 'a2', 'a3', 'b1')
  own()
  await pass(20_000, 100)
  assert.deepEqual(ids(), ['a1', 'b1'])
  await handOver()
  await pass(45_000, 100)
  assert.deepEqual(ids(), ['a1', 'b1', 'a2', 'a3'])
  const [first, second, third] = sent.filter(({ id }) => id.startsWith('a')).map(({ at }) => at)
  assert.ok((second ?? 0) - (first ?? 0) >= 30_000 && (third ?? 0) - (second ?? 0) >= 30_000)
})

test('the budget of new recipients holds these alone, until the next day', async () => {
  pace = { perMinute: 0, burst: 1, newContactsPerDay: 2 }
  known('known')
  wait('n1', 'n2', 'n3', 'n4', 'known1', 'n1b', 'known2')
  own()
  await pass(60_000, 500)
  assert.deepEqual(ids().toSorted(), ['known1', 'known2', 'n1', 'n1b', 'n2'])
  await pass(DAY_MS / 2, 30_000)
  assert.deepEqual(ids().slice(-2), ['n3', 'n4'])
})

test('a budget is not exceeded by an owner that comes after a crash', async () => {
  pace = { perMinute: 0, burst: 1, newContactsPerDay: 3 }
  wait('n1', 'n2', 'n3', 'n4', 'n5', 'n6')
  own()
  await pass(0, 1)
  own()
  await pass(60_000, 500)
  assert.equal(sent.length, 3)
})

test('thousands of new recipients that wait do not hide known ones behind them, and go in order when they may', async () => {
  pace = { perMinute: 0, burst: 1, newContactsPerDay: 2 }
  known('known')
  wait(...Array.from({ length: 600 }, (_, n) => `n${n % 300}${n < 300 ? 'a' : 'b'}`), 'known1')
  own({ windowRowsMax: 16 })
  await pass(10_000, 100)
  assert.ok(ids().includes('known1'))
  assert.equal(new Set(sent.map(({ id }) => recipientOf(id))).size, 3)
  offer('n7c', 'known2')
  await pass(1000, 100)
  assert.equal(ids().at(-1), 'known2')
  pace = { perMinute: 0, burst: 1 }
  offer('n8c')
  await pass(1000, 100)
  assert.ok(!ids().includes('n8c'), 'before those that came before it')
  owners[0]?.dispatcher.look('sales')
  await pass(60_000, 20)
  assert.equal(sent.length, 604)
  assertInOrder()
})

const MOVES: Readonly<Record<string, (pick: number) => unknown>> = {
  offer: (pick) => offer(nameOf(pick)),
  wait: (pick) => {
    wait(nameOf(pick))
    last()?.reload('sales')
  },
  pass: (pick) => pass(pick, 50),
  budget: (pick) => {
    pace = { perMinute: 0, burst: 1, ...(pick % 4 > 0 && { newContactsPerDay: pick % 40 }) }
  },
  look: () => last()?.look('sales'),
  reload: () => last()?.reload('sales'),
  own: (pick) => (pick % 4 === 0 ? handOver({ windowRowsMax: 10 }) : undefined),
}

const anyMove = fc.record({
  kind: fc.constantFrom(...Object.keys(MOVES)),
  pick: fc.nat(999),
})

test('however budgets change, every message goes once and its recipient’s in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMove, { maxLength: 60, size: 'max' }), async (moves) => {
      ledger = []
      sent = []
      owners = []
      now = START
      accounts = createSimulatedAccounts()
      contacts = createSimulatedContacts()
      pace = { perMinute: 0, burst: 1, newContactsPerDay: 3 }
      for (let n = 0; n < 5; n++) known(`n${n}`)
      wait(...Array.from({ length: 150 }, (_, n) => nameOf(n)))
      own({ windowRowsMax: 10 })
      for (const { kind, pick } of moves) await MOVES[kind]?.(pick)
      pace = { perMinute: 0, burst: 1 }
      owners.at(-1)?.dispatcher.look('sales')
      await pass(30_000, 40)
      for (const { dispatcher } of owners) dispatcher.dropAll()
      assert.deepEqual(ledger, [])
      assert.equal(new Set(sent.map(({ offset }) => offset)).size, sent.length, 'twice')
      assertInOrder()
    }),
    { numRuns: 40 },
  )
})

function last(): Dispatcher | undefined {
  return owners.at(-1)?.dispatcher
}

function nameOf(pick: number): string {
  return `n${pick % 60}x${offset}x${pick}`
}

function assertInOrder(): void {
  const last = new Map<string, bigint>()
  for (const { id, offset } of sent) {
    const to = recipientOf(id)
    assert.ok(offset > (last.get(to) ?? 0n), `${id} out of order`)
    last.set(to, offset)
  }
}

test('after a refusal only new recipients wait', async () => {
  pace = { perMinute: 0, burst: 1, newContactsPerDay: 100 }
  known('known')
  own()
  offer('n1')
  await pass(1000, 50)
  accounts.of('sales-1').newNotBefore = now + 60_000
  owners[0]?.paces.check({ name: 'sales', checkAt: new Date(now) })
  await pass(50, 50)
  offer('n2', 'known1')
  await pass(30_000, 500)
  assert.deepEqual(ids(), ['n1', 'known1'])
  await pass(31_000, 500)
  assert.deepEqual(ids(), ['n1', 'known1', 'n2'])
})

test('a changed pace holds at once, also while the alarm for the old one is set', async () => {
  pace = { perMinute: 1, burst: 1 }
  own()
  offer('a1', 'b1', 'c1')
  await pass(1000, 100)
  assert.deepEqual(ids(), [])
  pace = { perMinute: 600, burst: 1 }
  owners[0]?.dispatcher.look('sales')
  await pass(500, 50)
  assert.equal(sent.length, 3)
})

test('a recipient gap that is taken away lets waiting messages go at once', async () => {
  pace = { perMinute: 0, burst: 1, recipientGapMs: 3_600_000 }
  own()
  offer('a1', 'a2')
  await pass(10_000, 500)
  assert.deepEqual(ids(), ['a1'])
  pace = { perMinute: 0, burst: 1 }
  owners[0]?.dispatcher.look('sales')
  await pass(100, 50)
  assert.deepEqual(ids(), ['a1', 'a2'])
})

test('a second owner, after a hand-over or a crash, adds nothing to what any second may hold', async () => {
  pace = { perMinute: 600, burst: 3 }
  for (let n = 0; n < 400; n++) wait(`m${n}`)
  own()
  for (let turn = 0; turn < 10; turn++) {
    await pass(1500, 25)
    if (turn % 2 === 0) await handOver()
    else own()
  }
  assert.ok(new Set(sent.map(({ by }) => by)).size > 5)
  sent.forEach(({ at }, index) => {
    const within = sent.slice(index).filter((each) => each.at < at + 1000).length
    assert.ok(within <= 10 + 3, `${within} in a second`)
  })
})

test('what pace holds is not due, though it stands first in line', async () => {
  pace = { perMinute: 60, burst: 2 }
  const { dispatcher } = own({ isOpen: false })
  offer('a1', 'b1', 'c1', 'd1', 'e1')
  await pass(60_000, 1000)
  assert.equal(dispatcher.due(), 2)
})

test('whether recipients are new is asked together, not one by one', async () => {
  pace = { perMinute: 0, burst: 1, newContactsPerDay: 1000 }
  own()
  offer(...Array.from({ length: 200 }, (_, n) => `n${n}`))
  await pass(1000, 50)
  assert.ok(sent.length >= 15)
  assert.ok(contacts.asked <= 2, `${contacts.asked} questions`)
})

test('an instance without contacts in its pace asks for none', async () => {
  own()
  offer('a1', 'b1')
  await pass(100, 50)
  assert.deepEqual([sent.length, contacts.asked, contacts.kept.size], [2, 0, 0])
})

/** The last one owns the instance; those before are gone without a word, unless they hand over. */
function own({ isOpen = true, windowRowsMax }: Readonly<{ isOpen?: boolean; windowRowsMax?: number }> = {}) {
  const by = owners.length
  const isOwner = () => owners.length === by + 1
  const clock = { monotonic: () => now - START, storeNow: () => now, wall: () => now, adjust: () => {} }
  const paces = createPaces({
    accounts,
    contacts,
    directory: { get: () => ({ ...SALES, pace }) },
    paceDefault: pace,
    clock,
    requestCheck: async () => {},
    onChange: (instance) => dispatcher.look(instance),
    onError: assert.ifError,
  })
  const dispatcher: Dispatcher = createDispatcher({
    ledger: {
      load: async ({ after, to, notTo = [], limit }) =>
        ledger
          .filter((each) => after === undefined || each.offset > after.offset)
          .filter((each) => (to === undefined ? !notTo.includes(each.to) : each.to === to))
          .slice(0, limit),
    },
    clock,
    serverOf: () => 'default',
    maxInFlight: 100,
    instanceInFlight: 2,
    windowRowsMax,
    paces,
    deliver: async (row, steps) => {
      await steps.slot()
      if (!isOwner() || paces.isHeld('sales')) return { kind: 'waits', row }
      steps.begun = true
      paces.began('sales')
      sent.push({ id: row.id, offset: row.offset, at: now, by })
      await new Promise((resolve) => setTimeout(resolve, 40))
      await paces.ended(row, { kind: 'sent', providerMessageId: row.id, remoteJid: undefined })
      ledger = ledger.filter(({ id }) => id !== row.id)
      steps.answered()
      return { kind: 'ended' }
    },
    settle: async () => ({ kind: 'ended' }),
    isOpen: () => isOpen && isOwner(),
    isStopping: () => false,
    owns: () => true,
    mayDispatch: () => true,
    insertingFrom: () => undefined,
    isPartitionLoaded: () => false,
    onError: assert.ifError,
  })
  owners.push({ dispatcher, paces })
  dispatcher.take('sales')
  return { dispatcher, paces }
}

async function handOver(sizes: Readonly<{ windowRowsMax?: number }> = {}): Promise<void> {
  const last = owners.at(-1)
  void last?.paces.stop()
  await pass(60, 10)
  last?.dispatcher.dropAll()
  own(sizes)
}

let offset = 0n
/** Its recipient is named by its letters: a1 and a2 go to a. */
function wait(...names: string[]): LaneRow[] {
  const rows = names.map((id) => {
    offset += 1n
    return laneRow({ id, to: `+${recipientOf(id)}`, offset })
  })
  ledger.push(...rows)
  return rows
}

function recipientOf(id: string): string {
  return /^[nm]\d+/.exec(id)?.[0] ?? id.replace(/\d+$/, '')
}

function offer(...names: string[]): void {
  owners.at(-1)?.dispatcher.offer(wait(...names))
}

function known(to: string): void {
  contacts.kept.set(`sales-1/+${to}`, { firstSentAt: 1, lastSentAt: 1, remoteJid: undefined })
}

function ids(): string[] {
  return sent.map(({ id }) => id)
}

async function pass(ms: number, step: number): Promise<void> {
  for (let passed = 0; passed <= ms; passed += step) {
    for (let n = 0; n < 4; n++) {
      mock.timers.tick(n === 0 && passed > 0 ? step : 0)
      if (n === 0 && passed > 0) now += step
      await turn()
    }
  }
}
