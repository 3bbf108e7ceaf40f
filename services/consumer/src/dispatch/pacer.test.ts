import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calendarDay, capOfDay, isQuiet, type Pace } from '@whatsapp-sender/contract'
import fc from 'fast-check'
import { createSimulatedAccounts } from '../../tests/support/simulated-accounts.ts'
import { createPacer, type Pacer } from './pacer.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Ten in the evening, so that days and quiet hours change soon. */
const START = Date.parse('2026-03-10T22:00:00Z')

const gap = fc.tuple(fc.nat(3000), fc.nat(3000)).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }))
const anyPace: fc.Arbitrary<Pace> = fc.record(
  {
    perMinute: fc.constantFrom(0, 6, 60, 90, 600),
    burst: fc.integer({ min: 1, max: 5 }),
    gapMs: gap,
    perDay: fc.integer({ min: 1, max: 200 }),
    warmUp: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 }),
    quietHours: fc.constant({ from: '23:30', to: '00:15' }),
    timeZone: fc.constantFrom('UTC', 'America/Sao_Paulo'),
  },
  { requiredKeys: ['perMinute', 'burst'] },
)
type Step = Readonly<{ kind: 'send' | 'pass' | 'unbegun' | 'clean' | 'crash'; ms: number; late: number }>
const none = fc.constant(0)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('send'), ms: fc.nat(2000), late: fc.nat(80) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.nat(20 * MINUTE_MS), late: none }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('unbegun', 'clean', 'crash'), ms: none, late: none }) },
)

test('whatever is sent, waits and changes owner, nothing exceeds the pace', async () => {
  let sends = 0
  await fc.assert(
    fc.asyncProperty(anyPace, fc.array(anyStep, { maxLength: 150, size: 'max' }), async (pace, steps) => {
      const { sent, warmUpFrom } = await walk(
        createWorld(() => pace),
        pace,
        steps,
      )
      sends += sent.length
      assertKept(pace, sent, warmUpFrom)
    }),
    { numRuns: 300 },
  )
  assert.ok(sends > 3000, `${sends} sends prove little`)
})

/** `selected`: when its pace let it go; the request began a moment later, `at`. */
type Send = Readonly<{ selected: number; at: number }>

/** `warmUpFrom`: the day on which the first one could go, whether it then did or its owner crashed. */
type Walk = Readonly<{ sent: readonly Send[]; warmUpFrom: string | undefined }>

async function walk(world: ReturnType<typeof createWorld>, pace: Pace, steps: readonly Step[]): Promise<Walk> {
  const sent: Send[] = []
  let warmUpFrom: string | undefined
  let pacer = await world.own()
  for (const { kind, ms, late } of steps) {
    world.pass(ms)
    if (kind === 'clean') await world.handOver(pacer)
    if (kind === 'clean' || kind === 'crash') pacer = await world.own()
    if ((kind !== 'send' && kind !== 'unbegun') || !(await world.mayGo(pacer))) continue
    pacer.take('+1')
    const selected = world.now()
    warmUpFrom ??= calendarDay(selected, pace.timeZone)
    world.pass(late)
    if (kind === 'unbegun') pacer.giveBack('+1')
    else {
      pacer.began()
      sent.push({ selected, at: world.now() })
    }
  }
  return { sent, warmUpFrom }
}

function assertKept(pace: Pace, sent: readonly Send[], warmUpFrom: string | undefined): void {
  const perDay = new Map<string, number>()
  sent.forEach(({ selected, at }, index) => {
    const day = calendarDay(selected, pace.timeZone)
    perDay.set(day, (perDay.get(day) ?? 0) + 1)
    assert.ok(!isQuiet(pace, selected), 'in quiet hours')
    const before = sent[index - 1]?.at
    if (before !== undefined) assert.ok(at - before >= (pace.gapMs?.min ?? 0) - 1e-6, `a gap of ${at - before} ms`)
    if (pace.perMinute === 0) return
    sent.slice(index).forEach(({ at: to }, more) => {
      // A request may begin a moment after it was selected.
      const most = pace.burst + ((to - at + 100) * pace.perMinute) / MINUTE_MS
      assert.ok(more + 1 <= most + 1e-6, `${more + 1} in ${to - at} ms, at most ${most}`)
    })
  })
  for (const [day, count] of perDay) {
    const cap = capOfDay(pace, day, warmUpFrom) ?? Number.POSITIVE_INFINITY
    assert.ok(count <= cap, `${count} on ${day}, at most ${cap}`)
  }
}

test('a gap begins when a request does, however long after it was let go', async () => {
  const world = createWorld(() => ({ perMinute: 0, burst: 1, gapMs: { min: 1000, max: 1000 } }))
  const pacer = await world.own()
  world.pass(1000)
  pacer.take('+1')
  world.pass(5000)
  assert.equal(pacer.waitMs(), 1000, 'it may begin now')
  pacer.began()
  world.pass(400)
  assert.equal(pacer.waitMs(), 600)
})

test('a gap that is shortened holds at once, and so does one that is made longer', async () => {
  const hour = { min: HOUR_MS, max: HOUR_MS }
  let pace: Pace = { perMinute: 0, burst: 1, gapMs: hour }
  const world = createWorld(() => pace)
  const pacer = await world.own()
  world.pass(HOUR_MS)
  send(pacer)
  pace = { ...pace, gapMs: { min: 1000, max: 1000 } }
  assert.equal(pacer.waitMs(), 1000)
  pace = { ...pace, gapMs: hour }
  assert.equal(pacer.waitMs(), HOUR_MS)
})

test('nothing goes before it is known what the owner before has left', () => {
  const world = createWorld(() => ({ perMinute: 0, burst: 1 }))
  const pacer = world.unloaded()
  assert.equal(pacer.waitMs(), Number.POSITIVE_INFINITY)
  assert.equal(pacer.isHeld(), true)
  pacer.load(undefined, undefined)
  assert.deepEqual([pacer.waitMs(), pacer.isHeld(), world.changes()], [0, false, 1])
})

test('after a clean hand-over the bucket is full again as if it had one owner, after a crash it is empty', async () => {
  const pace = { perMinute: 60, burst: 5 }
  const world = createWorld(() => pace)
  const first = await world.own()
  world.pass(1000)
  first.take('+1')
  await world.handOver(first)
  world.pass(10_000)
  const second = await world.own()
  assert.equal(second.room(), 5)
  const third = await world.own()
  assert.equal(third.room(), 0)
})

test('some of the cap that a crash leaves unused is lost, at most a block, and a clean hand-over loses none', async () => {
  const world = createWorld(() => ({ perMinute: 0, burst: 1, perDay: 100 }))
  const first = await world.own()
  assert.equal(await world.mayGo(first), true)
  first.take('+1')
  await world.handOver(first)
  const second = await world.own()
  assert.equal(await world.mayGo(second), true)
  const last = await world.own()
  let sent = 0
  while (await world.mayGo(last)) {
    last.take('+1')
    sent += 1
  }
  assert.equal(sent, 100 - 1 - 2)
})

test('a changed cap holds at once, whether it grows or shrinks', async () => {
  let perDay = 1000
  const world = createWorld(() => ({ perMinute: 0, burst: 1, perDay }))
  const pacer = await world.own()
  const send = async (): Promise<boolean> => {
    if (!(await world.mayGo(pacer))) return false
    pacer.take('+1')
    return true
  }
  for (let n = 0; n < 5; n++) assert.equal(await send(), true)
  perDay = 6
  assert.deepEqual([await send(), await send()], [true, false])
  perDay = 40
  for (let n = 0; n < 34; n++) assert.equal(await send(), true, `number ${n + 7}`)
  assert.equal(await send(), false)
  assert.ok(pacer.waitMs() <= 2 * HOUR_MS, 'until midnight')
})

test('told to be silent it is, for the time asked; then it sends half as fast and recovers', async () => {
  const world = createWorld(() => ({ perMinute: 60, burst: 1 }))
  const pacer = await world.own()
  world.pass(60_000)
  assert.equal(pacer.waitMs(), 0)
  const end = pacer.beSilent(20_000)
  assert.deepEqual(end, { until: world.now() + 20_000, slowTo: 30 })
  assert.equal(pacer.beSilent(10_000), undefined, 'a shorter one changes nothing')
  world.pass(19_999)
  assert.deepEqual([pacer.isHeld(), pacer.waitMs()], [true, 1])
  world.pass(1)
  assert.deepEqual([pacer.isHeld(), pacer.waitMs() > 1900], [false, true])
  assert.ok(ratePerMinute(world, pacer, 60_000) <= 36)
  world.pass(300_000)
  assert.ok(ratePerMinute(world, pacer, 60_000) >= 59)
})

test('an instance without a limit goes on at half of what it sent before it was told to be silent', async () => {
  const world = createWorld(() => ({ perMinute: 0, burst: 1 }))
  const pacer = await world.own()
  for (let n = 0; n < 200; n++) {
    send(pacer)
    world.pass(300)
  }
  pacer.beSilent(20_000)
  world.pass(20_000)
  const rate = ratePerMinute(world, pacer, 60_000)
  assert.ok(rate > 80 && rate < 130, `${rate} a minute`)
  world.pass(300_000)
  assert.equal(pacer.waitMs(), 0)
  send(pacer)
  assert.equal(pacer.waitMs(), 0)
})

test('a silence survives a crash of its owner, and the slow start after it too', async () => {
  const world = createWorld(() => ({ perMinute: 60, burst: 5 }))
  const first = await world.own()
  const end = first.beSilent(20_000)
  assert.ok(end)
  await world.accounts.silence('sales-1', end.until, end.slowTo)
  world.pass(5000)
  const second = await world.own()
  assert.equal(second.waitMs(), 15_000)
  world.pass(15_000)
  assert.ok(ratePerMinute(world, second, 60_000) <= 36)
})

test('a message that surely did not leave does not count against the day', async () => {
  const world = createWorld(() => ({ perMinute: 0, burst: 1, perDay: 1 }))
  const pacer = await world.own()
  for (let n = 0; n < 5; n++) {
    assert.equal(await world.mayGo(pacer), true)
    pacer.take('+1')
    pacer.notSent('+1')
  }
})

function send(pacer: Pacer): void {
  pacer.take('+1')
  pacer.began()
}

/** Sends as soon as it may. */
function ratePerMinute(world: ReturnType<typeof createWorld>, pacer: Pacer, forMs: number): number {
  const until = world.now() + forMs
  let sent = 0
  while (world.now() < until) {
    const waitMs = pacer.waitMs()
    if (waitMs > 0) {
      world.pass(waitMs)
      continue
    }
    send(pacer)
    sent += 1
  }
  return (sent * MINUTE_MS) / forMs
}

function createWorld(paceNow: () => Pace) {
  let now = START
  let changes = 0
  const accounts = createSimulatedAccounts()
  const unloaded = (): Pacer =>
    createPacer({
      instanceId: 'sales-1',
      paceNow,
      clock: { monotonic: () => now - START, storeNow: () => now },
      book: { get: () => undefined, ask: () => {} },
      reserve: (kind, request) =>
        accounts.reserve('sales-1', kind, { ...request, warmsUp: paceNow().warmUp !== undefined }),
      onChange: () => {
        changes += 1
      },
      onLate: (rest) => void accounts.release([rest]),
      onError: assert.ifError,
    })
  return {
    accounts,
    unloaded,
    now: () => now,
    changes: () => changes,
    pass: (ms: number) => {
      now += ms
    },
    own: async (): Promise<Pacer> => {
      const { token, accounts: taken } = await accounts.take(['sales-1'])
      const pacer = unloaded()
      pacer.load(taken.get('sales-1'), token)
      return pacer
    },
    handOver: async (pacer: Pacer) => accounts.release([pacer.close()]),
    /** After what it asked of the database has come. */
    mayGo: async (pacer: Pacer): Promise<boolean> => {
      if (pacer.waitMs() === Number.POSITIVE_INFINITY) await new Promise((resolve) => setImmediate(resolve))
      return pacer.waitMs() === 0
    },
  }
}
