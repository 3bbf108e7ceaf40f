import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type BatchWriter, createBatchWriter } from './batch-writer.ts'

type Write = { items: readonly string[]; done: PromiseWithResolvers<readonly string[]> }

let writes: Write[]
let writer: BatchWriter<string, string>

beforeEach(() => {
  writes = []
  writer = createBatchWriter({
    batchMax: 3,
    gatherMs: 1,
    writeAll: (items) => {
      const done = Promise.withResolvers<readonly string[]>()
      writes.push({ items, done })
      return done.promise
    },
  })
})

test('the first call does not wait, and takes along what comes in the same turn', async () => {
  const results = Promise.all([writer.write('a'), writer.write('b')])
  await turn()
  assert.deepEqual(written(), [['a', 'b']])
  writes[0]?.done.resolve(['A', 'B'])
  assert.deepEqual(await results, ['A', 'B'])
})

test('one write is in flight at a time, and what comes meanwhile goes together into the next', async () => {
  void writer.write('a')
  await turn()
  const later = Promise.all([writer.write('b'), writer.write('c')])
  await turn()
  assert.deepEqual(written(), [['a']])
  assert.equal(writer.size(), 3)
  writes[0]?.done.resolve(['A'])
  await untilWrites(2)
  assert.deepEqual(written(), [['a'], ['b', 'c']])
  writes[1]?.done.resolve(['B', 'C'])
  assert.deepEqual(await later, ['B', 'C'])
})

test('a write takes no more than its most, in order of call', async () => {
  for (const item of ['a', 'b', 'c', 'd']) void writer.write(item)
  await turn()
  writes[0]?.done.resolve(['A', 'B', 'C'])
  await untilWrites(2)
  assert.deepEqual(written(), [['a', 'b', 'c'], ['d']])
})

test('an error rejects its own batch only', async () => {
  const first = writer.write('a')
  await turn()
  const second = writer.write('b')
  writes[0]?.done.reject(new Error('lost'))
  await assert.rejects(first, /lost/)
  await untilWrites(2)
  writes[1]?.done.resolve(['B'])
  assert.equal(await second, 'B')
})

test('an answer too few rejects the one it lacks, which would wait for ever', async () => {
  const [first, second] = [writer.write('a'), writer.write('b')]
  await turn()
  writes[0]?.done.resolve(['A'])
  assert.equal(await first, 'A')
  await assert.rejects(second, /short/)
})

test('idle comes when nothing waits or flies, also after an error, and at once when there is nothing', async () => {
  await writer.idle()
  let isIdle = false
  void writer.write('a').catch(() => {})
  const idle = writer.idle().then(() => {
    isIdle = true
  })
  await turn()
  void writer.write('b')
  writes[0]?.done.reject(new Error('lost'))
  await untilWrites(2)
  assert.equal(isIdle, false)
  writes[1]?.done.resolve(['B'])
  await idle
  assert.equal(writer.size(), 0)
})

function written(): (readonly string[])[] {
  return writes.map(({ items }) => items)
}

async function untilWrites(count: number): Promise<void> {
  while (writes.length < count) await turn()
}
