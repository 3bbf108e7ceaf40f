import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { createLogger, createRegistry, type Part } from '@whatsapp-sender/service-runtime'
import type { Registry } from 'prom-client'
import { SALES } from '../../tests/support/instance.ts'
import { createBacklog } from './create-backlog.ts'

const NOW = 1_000_000
const group = { instanceId: 'open', count: 1, oldestDueAt: undefined } as const

let now: number
let isActive: boolean
let counts: number
/** How long a count takes. */
let takesMs: number
let fails: boolean
let registry: Registry
let backlog: Part

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] })
  now = NOW
  isActive = true
  counts = takesMs = 0
  fails = false
  registry = createRegistry({ service: 'test' })
  backlog = createBacklog({
    store: {
      ledger: {
        countRows: async () => ({ open: 1_000_000, deadLetters: 4, kept: 5_000_000 }),
        countWaiting: async () => {
          counts += 1
          now += takesMs
          if (fails) throw new Error('away')
          return {
            isWhole: false,
            waiting: [
              { ...group, state: 'scheduled' },
              { ...group, state: 'retry', count: 2 },
              { ...group, state: 'ready', count: 3, oldestDueAt: new Date(NOW - 8000) },
              { ...group, state: 'sending', count: 4 },
              { ...group, state: 'ready', instanceId: 'shut', count: 5, oldestDueAt: new Date(NOW - 90_000) },
              { ...group, state: 'ready', instanceId: 'paused', count: 6 },
            ],
          }
        },
      },
    },
    directory: { byId: (id) => ({ ...SALES, state: id === 'shut' ? 'close' : 'open', paused: id === 'paused' }) },
    clock: { monotonic: () => now, storeNow: () => now },
    isActive: () => isActive,
    logger: createLogger({ service: 'test', level: 'silent' }),
    registry,
  })
})
afterEach(async () => {
  await backlog.stop?.()
  mock.timers.reset()
})

test('what is unfinished is told by status and by what it waits for, and all of it adds up', async () => {
  await backlog.start?.()
  await pass(0)
  const told = await page()
  for (const [status, count] of [
    ['scheduled', 1],
    ['queued', 16],
    ['sending', 4],
    ['uncounted', 999_979],
  ])
    assert.equal(told.get(`whatsapp_messages{status="${status}",service="test"}`), count)
  for (const [reason, count] of [
    ['schedule', 1],
    ['retry', 2],
    ['paused', 6],
    ['instance', 5],
    ['turn', 3],
  ])
    assert.equal(told.get(`whatsapp_messages_waiting{reason="${reason}",service="test"}`), count)
  assert.equal(told.get('whatsapp_dead_letters{service="test"}'), 4)
  assert.equal(told.get('whatsapp_messages_kept{service="test"}'), 5_000_000)
})

test('the age of what waits for its turn is that of the first that nothing else keeps', async () => {
  await backlog.start?.()
  await pass(2000)
  assert.equal((await page()).get('whatsapp_oldest_turn_seconds{service="test"}'), 10)
})

test('one that does not lead counts nothing and has no series of it, and so has one that has stopped leading', async () => {
  isActive = false
  await backlog.start?.()
  await pass(60_000)
  assert.deepEqual([counts, await seriesCount()], [0, 0])
  isActive = true
  await pass(15_000)
  assert.deepEqual([counts, (await seriesCount()) > 0], [1, true])
  isActive = false
  assert.equal(await seriesCount(), 0)
})

test('counting takes no more than a fiftieth of the time, and what was counted long ago is not told', async () => {
  takesMs = 10_000
  await backlog.start?.()
  await pass(0)
  await pass(499_000)
  assert.deepEqual([counts, await seriesCount()], [1, 0])
  await pass(1000)
  assert.equal(counts, 2)
})

test('a count that fails is tried again', async () => {
  fails = true
  await backlog.start?.()
  await pass(0)
  fails = false
  await pass(15_000)
  assert.deepEqual([counts, (await seriesCount()) > 0], [2, true])
})

async function page(): Promise<ReadonlyMap<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('whatsapp_'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}

async function seriesCount(): Promise<number> {
  return (await page()).size
}

async function pass(ms: number): Promise<void> {
  now += ms
  mock.timers.tick(ms)
  for (let n = 0; n < 5; n++) await new Promise(setImmediate)
}
