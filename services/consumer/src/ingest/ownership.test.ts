import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createOwnership, type Ownership } from './ownership.ts'

/** Each instance lives on the partition that its name ends with. */
let mine: number[]
let open: string[]
let calls: string[]
let ownership: Ownership
let reading: PromiseWithResolvers<void> | undefined

beforeEach(() => {
  mine = []
  open = []
  calls = []
  reading = undefined
  ownership = createOwnership({
    assignment: () => ({ partitions: () => mine, owns: (instance) => mine.includes(Number(instance.at(-1))) }),
    dispatcher: () => ({
      take: (instance) => calls.push(`take ${instance}`),
      dropAll: () => calls.push('drop all'),
      dropForeign: () => calls.push('drop foreign'),
      look: () => {},
    }),
    ledger: {
      instancesWithOpenRows: async () => {
        await reading?.promise
        return open
      },
    },
    onError: assert.ifError,
  })
})

test('what the ledger holds of the partitions it was given is taken, and only then counts as loaded', async () => {
  mine = [1, 2]
  open = ['a1', 'b2', 'c3']
  ownership.assigned(false)
  assert.equal(ownership.isLoaded(1), false)
  await settled()
  assert.deepEqual(calls, ['drop all', 'take a1', 'take b2'])
  assert.deepEqual([1, 2, 3].map(ownership.isLoaded), [true, true, false])
})

test('what was kept without a gap is not read again, what was gained is', async () => {
  mine = [1]
  ownership.assigned(false)
  await settled()
  calls = []
  ownership.assigned(true)
  await settled()
  assert.deepEqual(calls, ['drop foreign'])
  mine = [1, 2]
  open = ['b2']
  ownership.assigned(true)
  assert.deepEqual([1, 2].map(ownership.isLoaded), [true, false])
  await settled()
  assert.deepEqual(calls, ['drop foreign', 'drop foreign', 'take b2'])
})

test('partitions that were not kept are loaded anew', async () => {
  mine = [1]
  open = ['a1']
  ownership.assigned(false)
  await settled()
  calls = []
  ownership.assigned(false)
  assert.equal(ownership.isLoaded(1), false)
  await settled()
  assert.deepEqual(calls, ['drop all', 'take a1'])
})

test('a partition that is lost while its rows are looked for is not taken', async () => {
  reading = Promise.withResolvers()
  mine = [1]
  open = ['a1']
  ownership.assigned(false)
  mine = []
  ownership.lost()
  reading.resolve()
  await settled()
  assert.deepEqual([calls, ownership.isLoaded(1)], [['drop all', 'drop all'], false])
})

test('when the count of partitions grows, instances that came from other partitions are looked for', async () => {
  mine = [1]
  ownership.assigned(false)
  await settled()
  open = ['moved-here-1']
  calls = []
  ownership.recounted()
  assert.equal(ownership.isLoaded(1), false)
  await settled()
  assert.deepEqual(calls, ['drop foreign', 'take moved-here-1'])
  assert.equal(ownership.isLoaded(1), true)
})

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
