import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { createHolders, type Holders } from './holders.ts'

type Read = { answer(beats: Record<string, number>): void; fail(): void }

let now: number
let reads: Read[]
let holders: Holders
let errors: unknown[]
let count: number

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] })
  now = 0
  reads = []
  errors = []
  count = 0
  holders = createHolders({
    processes: {
      all: () =>
        new Promise((resolve, reject) => {
          count += 1
          reads.push({
            answer: (beats) => resolve(Object.entries(beats).map(([id, beat]) => ({ id, beat }))),
            fail: () => reject(new Error('no connection')),
          })
        }),
    },
    clock: { monotonic: () => now },
    onError: (error) => errors.push(error),
  })
  void holders.start()
})
afterEach(async () => {
  await holders.stop()
  mock.timers.reset()
})

test('a holder is gone when its heartbeat has stood still for 20 s of reads', async () => {
  await watch(18_000, () => ({ other: 7 }))
  assert.equal(holders.isGone('other'), false)
  await watch(4000, () => ({ other: 7 }))
  assert.equal(holders.isGone('other'), true)
})

test('a holder whose heartbeat rises is never gone', async () => {
  let beat = 0
  await watch(120_000, () => ({ other: Math.floor(beat++ / 3) }))
  assert.equal(holders.isGone('other'), false)
})

test('a heartbeat that comes back after all is believed', async () => {
  await watch(30_000, () => ({ other: 7 }))
  assert.equal(holders.isGone('other'), true)
  await watch(6000, () => ({ other: 8 }))
  assert.equal(holders.isGone('other'), false)
})

test('a read that fails proves nothing: the 20 s begin anew', async () => {
  await watch(18_000, () => ({ other: 7 }))
  reads.splice(0)[0]?.fail()
  await settled()
  assert.equal(errors.length, 1)
  pass(2000)
  await watch(18_000, () => ({ other: 7 }))
  assert.equal(holders.isGone('other'), false)
  await watch(6000, () => ({ other: 7 }))
  assert.equal(holders.isGone('other'), true)
})

test('time in which nothing was read proves nothing: a process that slept judges nobody by it', async () => {
  await watch(4000, () => ({ other: 7 }))
  pass(40_000)
  assert.equal(holders.isGone('other'), false)
})

test('a holder nobody has ever seen is gone after 20 s of reads without it', async () => {
  assert.equal(holders.isGone('ghost'), false)
  await watch(18_000, () => ({}))
  assert.equal(holders.isGone('ghost'), false)
  await watch(6000, () => ({}))
  assert.equal(holders.isGone('ghost'), true)
})

test('a holder that took its heartbeat away is gone 20 s later', async () => {
  await watch(4000, () => ({ other: 7 }))
  await watch(18_000, () => ({}))
  assert.equal(holders.isGone('other'), false)
  await watch(6000, () => ({}))
  assert.equal(holders.isGone('other'), true)
})

test('heartbeats are read as often as they are written, and more often while somebody wants to know', async () => {
  await watch(20_000, () => ({ other: 7 }))
  const idle = count
  holders.isGone('other')
  await watch(20_000, () => {
    holders.isGone('other')
    return { other: 7 }
  })
  assert.ok(idle <= 4 && count - idle >= 8, `${idle} reads, then ${count - idle}`)
})

/** Answers every read for so long, at once, and has the next one asked. */
async function watch(ms: number, beats: () => Record<string, number>): Promise<void> {
  for (let waited = 0; waited < ms; waited += 2000) {
    reads.splice(0)[0]?.answer(beats())
    await settled()
    pass(2000)
  }
}

function pass(ms: number): void {
  now += ms
  mock.timers.tick(ms)
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
