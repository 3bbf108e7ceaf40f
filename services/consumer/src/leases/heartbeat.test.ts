import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { turn } from '../../tests/support/mocked-timers.ts'
import { createHeartbeat } from './heartbeat.ts'

let beats: unknown[]
let now: number
let adjusted: number[]
let askedAt: number[]
let errors: unknown[]
let removed: string[]
let renewed: unknown[]
let answer: () => Promise<number>
let heartbeat: ReturnType<typeof createHeartbeat>

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] })
  beats = []
  now = 0
  adjusted = []
  askedAt = []
  errors = []
  removed = []
  renewed = []
  answer = async () => 5000
  heartbeat = createHeartbeat({
    processes: {
      beat: (id, facts) => {
        beats.push([id, facts])
        return answer()
      },
      remove: async (id) => void removed.push(id),
    },
    id: 'me',
    clock: {
      storeNow: () => 0,
      monotonic: () => now,
      wall: () => 0,
      adjust: (storeTime, asked) => {
        adjusted.push(storeTime)
        askedAt.push(asked)
      },
    },
    facts: () => ({ due: 7, evolutionDown: [] }),
    onRenewed: (sinceMs) => renewed.push(sinceMs),
    onError: (error) => errors.push(error),
  })
})
afterEach(async () => {
  await heartbeat.stop()
  mock.timers.reset()
})

test('the lease is there when the start returns, is renewed every 5 s and carries the clock', async () => {
  await heartbeat.start()
  assert.deepEqual(beats, [['me', { due: 7, evolutionDown: [] }]])
  await pass(5000)
  await pass(5000)
  assert.deepEqual([beats.length, adjusted], [3, [5000, 5000, 5000]])
})

test('the clock is told when the database was asked, not only what it said', async () => {
  answer = async () => {
    now += 700
    return 5000
  }
  await heartbeat.start()
  await pass(5000)
  assert.deepEqual(askedAt, [0, 700])
})

test('each renewal is told of, with the time since the one before: beats that failed are in it', async () => {
  await heartbeat.start()
  answer = () => Promise.reject(new Error('away'))
  now += 15_000
  await pass(5000)
  assert.equal(heartbeat.ageMs(), 15_000)
  answer = async () => 5000
  now += 10_000
  await pass(5000)
  assert.deepEqual([renewed, heartbeat.ageMs()], [[undefined, 25_000], 0])
})

test('a beat that fails is told, and the next one comes all the same', async () => {
  answer = () => Promise.reject(new Error('away'))
  await heartbeat.start()
  await pass(5000)
  assert.deepEqual([beats.length, errors.length, adjusted], [2, 2, []])
})

test('whoever needs the lease and the time of the database waits for the first beat that succeeds', async () => {
  answer = () => Promise.reject(new Error('away'))
  await heartbeat.start()
  let isBeaten = false
  const beaten = heartbeat.untilBeaten().then(() => {
    isBeaten = true
  })
  await pass(5000)
  assert.equal(isBeaten, false)
  answer = async () => 5000
  await pass(5000)
  await beaten
  assert.deepEqual(adjusted, [5000])
})

test('the stop ends the wait for the first beat', async () => {
  answer = () => Promise.reject(new Error('away'))
  await heartbeat.start()
  const beaten = heartbeat.untilBeaten()
  await heartbeat.stop()
  await beaten
})

test('news does not wait for the next beat, and makes no second row of beats', async () => {
  await heartbeat.start()
  const slow = Promise.withResolvers<number>()
  answer = () => slow.promise
  await pass(5000)
  heartbeat.beatNow()
  answer = async () => 5000
  slow.resolve(5000)
  await pass(0)
  assert.equal(beats.length, 3)
  for (let n = 0; n < 4; n++) await pass(5000)
  assert.equal(beats.length, 7)
})

test('the stop waits for the beat on its way, and then takes the lease back', async () => {
  await heartbeat.start()
  const slow = Promise.withResolvers<number>()
  answer = () => slow.promise
  await pass(5000)
  const stopped = heartbeat.stop()
  await pass(0)
  assert.deepEqual(removed, [])
  slow.resolve(5000)
  await stopped
  await pass(60_000)
  assert.deepEqual([removed, beats.length], [['me'], 2])
})

async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms)
  for (let n = 0; n < 3; n++) await turn()
}
