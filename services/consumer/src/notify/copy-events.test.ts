import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createCopyEvents } from './copy-events.ts'

let now: number
let active: boolean
let waiting: number
let head: number
let looks: number
let noted: number[]
let copied: number[]
let copy: () => Promise<number>
let isIdle: () => boolean

beforeEach(() => {
  now = 0
  active = true
  waiting = 0
  head = 0
  looks = 0
  noted = []
  copied = []
  const copying = createCopyEvents({
    outboxes: [
      {
        copyOutboxes: async (_append, limit) => {
          looks += 1
          const rows = Math.min(limit, waiting)
          waiting -= rows
          head += rows
          return { rows, head: rows === 0 ? undefined : head }
        },
      },
      { copyOutboxes: async () => ({ rows: 0, head: undefined }) },
    ],
    events: { append: async () => head, noteHead: async (seq) => void noted.push(seq) },
    isActive: () => active,
    clock: { monotonic: () => now, storeNow: () => now },
    onCopied: (seq) => copied.push(seq),
  })
  copy = copying.step
  isIdle = copying.isIdle
})

test('while there is much the passes follow each other; of little some is gathered first', async () => {
  waiting = 620
  assert.equal(await copy(), 0)
  assert.equal(await copy(), 100)
  assert.deepEqual(copied, [500, 620])
})

test('it looks often for a minute after the last find, then every five seconds', async () => {
  waiting = 1
  await copy()
  now = 59_999
  assert.deepEqual([await copy(), isIdle()], [250, false])
  now = 60_000
  assert.deepEqual([await copy(), isIdle()], [5000, true])
  waiting = 1
  assert.deepEqual([await copy(), isIdle()], [100, false])
})

test('the end of the sequence is noted once, when there is time', async () => {
  waiting = 3
  await copy()
  assert.deepEqual(noted, [])
  await copy()
  await copy()
  assert.deepEqual(noted, [3])
})

test('a process that is not the one asks the database for nothing', async () => {
  active = false
  waiting = 3
  await copy()
  assert.deepEqual([looks, copied], [0, []])
})
