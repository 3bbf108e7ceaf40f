import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VISIBILITY_LAG_MS } from './follow-changes.ts'
import { createInstanceDirectory } from './instance-directory.ts'
import type { Instance } from './instances.ts'

test('start does not fail while the database is down, and nothing counts as loaded', async () => {
  const errors: unknown[] = []
  const down = new Error('not reachable')
  const directory = createInstanceDirectory({
    instances: { changedSince: () => Promise.reject(down) },
    onError: (error) => errors.push(error),
  })
  await directory.start()
  await directory.stop()
  assert.equal(directory.isLoaded(), false)
  assert.deepEqual(errors, [down])
})

test('it goes on answering from what it read last when the database goes away', async () => {
  let answer = () => Promise.resolve([instance()])
  const directory = createInstanceDirectory({ instances: { changedSince: () => answer() }, onError: () => {} })
  await directory.refresh()
  answer = () => Promise.reject(new Error('gone'))
  await assert.rejects(directory.refresh())
  assert.equal(directory.isLoaded(), true)
  assert.equal(directory.get('sales')?.id, '1')
})

test('a change is seen although its time is that of the one before', async () => {
  let current = instance()
  const directory = createInstanceDirectory({
    instances: { changedSince: () => Promise.resolve([current]) },
    onError: assert.ifError,
  })
  await directory.refresh()
  current = instance({ state: 'open', revision: 2 })
  await directory.refresh()
  assert.equal(directory.get('sales')?.state, 'open')
})

test('refresh sees what was written before it was called, also while another one is under way', async () => {
  const pages: PromiseWithResolvers<Instance[]>[] = []
  const directory = createInstanceDirectory({
    instances: {
      changedSince: () => {
        const page = Promise.withResolvers<Instance[]>()
        pages.push(page)
        return page.promise
      },
    },
    onError: assert.ifError,
  })
  const first = directory.refresh()
  const second = directory.refresh()
  pages[0]?.resolve([])
  await first
  await new Promise(setImmediate)
  pages[1]?.resolve([instance()])
  await second
  assert.equal(directory.get('sales')?.id, '1')
})

test('late writes are looked for, and what was read long ago is not read again', async () => {
  const asked: (number | undefined)[] = []
  let nowMs = 0
  const directory = createInstanceDirectory({
    instances: {
      changedSince: async (since) => {
        asked.push(since?.getTime())
        return asked.length === 1 ? [instance({ updatedAt: new Date(1000) })] : []
      },
    },
    onError: assert.ifError,
    now: () => nowMs,
  })
  for (nowMs of [0, 0, 4000, 60_000]) await directory.refresh()
  assert.deepEqual(asked, [undefined, 1000, 5000, 1000 + VISIBILITY_LAG_MS])
})

function instance(given: Partial<Instance> = {}): Instance {
  const at = new Date(0)
  return {
    id: '1',
    name: 'sales',
    owner: 'ana',
    ownerActive: true,
    channel: 'baileys',
    evolutionToken: 'token',
    webhookSecretHash: 'hash',
    paused: false,
    state: 'close',
    createdAt: at,
    updatedAt: at,
    revision: 1,
    ...given,
  }
}
