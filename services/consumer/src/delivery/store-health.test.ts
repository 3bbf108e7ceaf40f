import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createStoreHealth, type StoreHealth } from './store-health.ts'

let health: StoreHealth
let pauses: number[]
let errors: unknown[]
let recovered: number

beforeEach(() => {
  pauses = []
  errors = []
  recovered = 0
  health = createStoreHealth({
    onError: (error) => errors.push(error),
    onRecovered: () => {
      recovered += 1
    },
    pause: async (ms) => void pauses.push(ms),
    isOfStore: (error) => error instanceof Error && error.message === 'away',
  })
})

test('a write that goes through at once closes nothing', async () => {
  assert.equal(await health.insist(async () => 'done'), 'done')
  assert.deepEqual([pauses, recovered, health.isWritable()], [[], 0, true])
})

test('a write is repeated until the database takes it, at most every 2 s, and nothing may begin meanwhile', async () => {
  const seen: boolean[] = []
  const value = await health.insist(async () => {
    seen.push(health.isWritable())
    if (seen.length < 7) throw new Error('away')
    return 'done'
  })
  assert.equal(value, 'done')
  assert.deepEqual(seen, [true, false, false, false, false, false, false])
  assert.deepEqual(pauses, [250, 500, 1000, 2000, 2000, 2000])
  assert.deepEqual([errors.length, recovered, health.isWritable()], [6, 1, true])
})

test('it is writable again when the last of the writes has gone through, and tells it once', async () => {
  const first = Promise.withResolvers<void>()
  const one = health.insist(failingOnce(() => first.promise))
  const other = health.insist(failingOnce(async () => {}))
  await other
  assert.deepEqual([health.isWritable(), recovered], [false, 0])
  first.resolve()
  await one
  assert.deepEqual([health.isWritable(), recovered], [true, 1])
})

test('what is no fault of the database is thrown and not repeated, and closes nothing for good', async () => {
  await assert.rejects(
    health.insist(() => Promise.reject(new TypeError('ours'))),
    /ours/,
  )
  let tries = 0
  const later = health.insist(async () => {
    tries += 1
    throw tries === 1 ? new Error('away') : new TypeError('ours')
  })
  await assert.rejects(later, /ours/)
  assert.equal(health.isWritable(), true)
})

function failingOnce(write: () => Promise<void>): () => Promise<void> {
  let tries = 0
  return async () => {
    tries += 1
    if (tries === 1) throw new Error('away')
    await write()
  }
}
