import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stateOf } from './directory-lock.ts'

const id = 'one'
const holder = { pid: 1, startedAt: '10' }
const server = { pid: 2, startedAt: '20' }
const alive =
  (...pids: number[]) =>
  async (identity: { pid: number }): Promise<boolean> =>
    pids.includes(identity.pid)

test('a lock is held while its server runs under its holder', async () => {
  assert.equal(await stateOf({ id, holder, server }, alive(1, 2)), 'held')
})

test('a lock is held while its holder has not named a server yet', async () => {
  assert.equal(await stateOf({ id, holder }, alive(1)), 'held')
})

test('a server that outlived its holder is an orphan, not a reason to give up', async () => {
  assert.equal(await stateOf({ id, holder, server }, alive(2)), 'orphaned')
})

test('a lock is stale when its server died, although the holder lives', async () => {
  assert.equal(await stateOf({ id, holder, server }, alive(1)), 'stale')
})

test('a lock is stale when nobody of it is left', async () => {
  assert.equal(await stateOf({ id, holder, server }, alive()), 'stale')
  assert.equal(await stateOf({ id, holder }, alive()), 'stale')
})

test('a lock file that cannot be read is stale', async () => {
  assert.equal(await stateOf(undefined, alive(1, 2)), 'stale')
})
