import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Pace, SendFailure } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import { SALES } from '../../tests/support/instance.ts'
import { createSimulatedAccounts, createSimulatedContacts } from '../../tests/support/simulated-accounts.ts'
import { createPaces, type Paces } from './paces.ts'

const ROW = { instance: 'sales', instanceId: 'sales-1', to: '+5511999991000' }
const RATE_LIMITED: SendFailure = {
  kind: 'rate-limited',
  code: 'whatsapp-rate-limit',
  detail: '',
  retryAfterMs: 20_000,
}

let now: number
let instance: Instance | undefined
let accounts: ReturnType<typeof createSimulatedAccounts>
let contacts: ReturnType<typeof createSimulatedContacts>
let calls: string[]
let checks: string[]
let paces: Paces

beforeEach(() => {
  now = 1_000_000
  instance = { ...SALES, pace: { perMinute: 60, burst: 5 } }
  accounts = createSimulatedAccounts()
  contacts = createSimulatedContacts()
  calls = []
  checks = []
  paces = newPaces()
})

test('an instance that is not there, or not any more, is not paced: its messages only have to end', () => {
  instance = undefined
  assert.equal(paces.of('sales'), undefined)
  assert.equal(paces.isHeld('sales'), false)
})

test('an instance made anew under the same name has an account of its own', async () => {
  paces.of('sales')?.take(ROW.to)
  await settle()
  instance = { ...SALES, id: 'sales-2', pace: { perMinute: 60, burst: 5 } }
  assert.equal(paces.of('sales')?.waitMs(), Number.POSITIVE_INFINITY)
  await settle()
  assert.deepEqual(calls, ['take sales-1', 'release sales-1', 'take sales-2'])
})

test('the accounts of many instances are read, and handed over, in one command each', async () => {
  paces = newPaces(['a', 'b', 'c', 'd'])
  for (const name of ['a', 'b', 'c', 'd']) paces.of(name)
  await settle()
  await paces.stop()
  assert.deepEqual(calls, ['take a b c d', 'release a b c d'])
})

test('an instance that is not paced costs one read, and nothing when it is handed over', async () => {
  instance = { ...SALES, pace: { perMinute: 0, burst: 1 } }
  await loaded()
  for (let n = 0; n < 100; n++) {
    paces.of('sales')?.take(ROW.to)
    paces.began('sales')
    await paces.ended(ROW, { kind: 'sent', providerMessageId: 'x', remoteJid: '5511999991000@s.whatsapp.net' })
  }
  await paces.stop()
  assert.deepEqual([calls, contacts.kept.size], [['find sales-1'], 0])
})

test('a rate alone costs the database nothing while messages are sent', async () => {
  paces.of('sales')
  await settle()
  for (let n = 0; n < 100; n++) {
    paces.of('sales')?.take(ROW.to)
    paces.began('sales')
    await paces.ended(ROW, { kind: 'sent', providerMessageId: 'x', remoteJid: undefined })
  }
  assert.deepEqual([calls, contacts.kept.size], [['take sales-1'], 0])
})

test('once it stops nothing begins, and what is given back later is handed over too', async () => {
  instance = { ...SALES, pace: { perMinute: 60, burst: 5, perDay: 10 } }
  const pacer = await loaded()
  now += 60_000
  assert.equal(pacer?.waitMs(), Number.POSITIVE_INFINITY, 'some of the day is being reserved')
  await settle()
  pacer?.take(ROW.to)
  await paces.stop()
  assert.deepEqual([paces.of('sales')?.waitMs(), paces.isHeld('sales')], [Number.POSITIVE_INFINITY, true])
  assert.equal(accounts.of('sales-1').reserved, 1)
  pacer?.giveBack(ROW.to)
  await settle()
  assert.equal(accounts.of('sales-1').reserved, 0)
})

test('a silence is kept for whoever comes next', async () => {
  await loaded()
  await paces.ended(ROW, { kind: 'failed', failure: RATE_LIMITED })
  assert.equal(paces.isHeld('sales'), true)
  await settle()
  assert.deepEqual([accounts.of('sales-1').notBefore, checks], [now + 20_000, []])
  paces = newPaces()
  await loaded()
  assert.equal(paces.isHeld('sales'), true)
})

test('told to be silent for an instance it owns no longer, a process tells the owner', async () => {
  await paces.ended(ROW, { kind: 'failed', failure: RATE_LIMITED })
  await settle()
  assert.deepEqual([accounts.of('sales-1').notBefore, checks], [now + 20_000, ['sales-1']])
})

test('an owner that is told to look learns of a silence that another process kept, once for each time it is told', async () => {
  await loaded()
  Object.assign(accounts.of('sales-1'), { notBefore: now + 20_000, slowTo: 30 })
  for (let n = 0; n < 3; n++) paces.check({ name: 'sales', checkAt: new Date(5) })
  await settle()
  assert.equal(paces.isHeld('sales'), true)
  assert.deepEqual(calls, ['take sales-1', 'find sales-1'])
})

test('who is known by another number is remembered whatever the pace, once', async () => {
  await loaded()
  for (let n = 0; n < 3; n++)
    await paces.ended(ROW, { kind: 'sent', providerMessageId: 'x', remoteJid: '551199991000@s.whatsapp.net' })
  assert.equal(contacts.kept.get(`sales-1/${ROW.to}`)?.remoteJid, '551199991000@s.whatsapp.net')
  assert.equal(contacts.recorded, 1)
})

test('a database that is away keeps an instance waiting until its account is read', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const failed: unknown[] = []
  let isAway = true
  paces = newPaces(
    ['sales'],
    (error) => failed.push(error),
    () => isAway,
  )
  paces.of('sales')
  await settle()
  assert.deepEqual([failed.length, paces.of('sales')?.waitMs()], [1, Number.POSITIVE_INFINITY])
  isAway = false
  t.mock.timers.tick(500)
  await settle()
  assert.notEqual(paces.of('sales')?.waitMs(), Number.POSITIVE_INFINITY)
})

async function loaded() {
  const pacer = paces.of('sales')
  await settle()
  return pacer
}

function newPaces(names = ['sales'], onError: (error: unknown) => void = assert.ifError, isAway = () => false): Paces {
  const pace: Pace = { perMinute: 60, burst: 5 }
  const others = new Map(
    names
      .slice(1)
      .concat(names[0] === 'sales' ? [] : names)
      .map((name) => [name, { ...SALES, id: name, pace }]),
  )
  const called = <T>(name: string, ids: readonly string[], work: () => Promise<T>): Promise<T> => {
    calls.push([name, ...ids].join(' '))
    return isAway() ? Promise.reject(new Error('away')) : work()
  }
  return createPaces({
    accounts: {
      ...accounts,
      find: (ids) => called('find', ids, () => accounts.find(ids)),
      take: (ids) => called('take', ids, () => accounts.take(ids)),
      release: (rests) =>
        called(
          'release',
          rests.map(({ instanceId }) => instanceId),
          () => accounts.release(rests),
        ),
    },
    contacts,
    directory: { get: (name) => (name === 'sales' ? instance : others.get(name)) },
    paceDefault: pace,
    clock: { monotonic: () => now, storeNow: () => now },
    requestCheck: async (id) => void checks.push(id),
    onChange: () => {},
    onError,
  })
}

async function settle(): Promise<void> {
  for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve))
}
