import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { createUnchanged } from './unchanged.ts'

const DESIRED = object({ labels: { a: '1' } })

test('what was applied and not changed since need not be applied again, whatever its status does', () => {
  const unchanged = createUnchanged()
  const there = object({ labels: { a: '1' }, generation: 1, resourceVersion: '5' })
  assert.equal(unchanged.isSame(DESIRED, there), false)
  unchanged.note(DESIRED, there)
  assert.equal(unchanged.isSame(DESIRED, { ...there, metadata: { ...there.metadata, resourceVersion: '9' } }), true)
})

test('a change of the spec, the labels, the annotations, the object itself or of what is wanted counts', () => {
  const unchanged = createUnchanged()
  const metadata = { labels: { a: '1' }, generation: 1, uid: 'one' }
  unchanged.note(DESIRED, object(metadata))
  assert.equal(unchanged.isSame(DESIRED, object(metadata)), true)
  for (const change of [{ generation: 2 }, { labels: {} }, { annotations: { b: '1' } }, { uid: 'two' }]) {
    assert.equal(unchanged.isSame(DESIRED, object({ ...metadata, ...change })), false)
  }
  assert.equal(unchanged.isSame(object({ labels: { a: '2' } }), object(metadata)), false)
})

test('of what has no generation every change counts', () => {
  const unchanged = createUnchanged()
  unchanged.note(DESIRED, object({ resourceVersion: '1' }))
  assert.equal(unchanged.isSame(DESIRED, object({ resourceVersion: '1' })), true)
  assert.equal(unchanged.isSame(DESIRED, object({ resourceVersion: '2' })), false)
})

test('nothing is kept of what is not wanted any more', () => {
  const unchanged = createUnchanged()
  const other: KubernetesObject = { ...DESIRED, metadata: { ...DESIRED.metadata, name: 'wa-consumer' } }
  for (const each of [DESIRED, other]) unchanged.note(each, each)
  unchanged.keepOnly([other])
  assert.deepEqual([unchanged.isSame(DESIRED, DESIRED), unchanged.isSame(other, other)], [false, true])
})

function object(metadata: Partial<KubernetesObject['metadata']>): KubernetesObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'wa-api', namespace: 'test', ...metadata } }
}
