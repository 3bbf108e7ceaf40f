import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster } from './cluster.ts'
import { createFencedCluster, NotLeaderError } from './fenced-cluster.ts'

const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'test' } }
const REFERENCE = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'test' }

test('who leads no more can read and not write', async () => {
  const calls: string[] = []
  let isLeader = true
  const fenced = createFencedCluster(clusterNoting(calls), () => isLeader)
  const writes = [
    () => fenced.apply(OBJECT, { force: false }),
    () => fenced.applyStatus(OBJECT),
    () => fenced.create(OBJECT),
    () => fenced.replace(OBJECT),
    () => fenced.remove(REFERENCE),
  ]
  for (const write of writes) await write()
  assert.equal(calls.length, writes.length)
  isLeader = false
  for (const write of writes) await assert.rejects(write(), NotLeaderError)
  assert.equal(calls.length, writes.length)
  await fenced.read(REFERENCE)
  await fenced.list(REFERENCE)
  assert.deepEqual(calls.slice(writes.length), ['read', 'list'])
})

function clusterNoting(calls: string[]): Cluster {
  const noted = async () => {
    calls.push('write')
    return OBJECT
  }
  return {
    apply: noted,
    applyStatus: noted,
    create: noted,
    replace: noted,
    remove: async () => Boolean(await noted()),
    read: async () => {
      calls.push('read')
      return OBJECT
    },
    list: async () => {
      calls.push('list')
      return []
    },
    listWithVersion: async () => ({ resourceVersion: '1', items: [] }),
    watch: async function* () {},
    close: async () => undefined,
  }
}
