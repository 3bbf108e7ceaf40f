import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { OWNER_LABEL, ownedBy } from './ownership.ts'
import { identityOf, planObjects } from './plan-objects.ts'

const OWNER = {
  apiVersion: 'whatsappsender.io/v1alpha1',
  kind: 'WhatsAppSender',
  name: 'wa',
  namespace: 'test',
  uid: 'now',
}
const KINDS = ['Deployment', 'Service', 'KafkaTopic', 'StatefulSet']

const anyObject = fc.record({
  kind: fc.constantFrom(...KINDS),
  name: fc.constantFrom('a', 'b', 'c'),
  uid: fc.constantFrom('now', 'before', undefined),
})

test('nothing of others is applied to or removed, and nothing that holds data is removed', () => {
  fc.assert(
    fc.property(fc.array(anyObject), fc.array(anyObject), (wanted, there) => {
      const desired = unique(wanted).map(({ kind, name }) => ownedBy(OWNER, plain(kind, name), 'Retain'))
      const observed = unique(there).map(({ kind, name, uid }) => plain(kind, name, uid))
      const plan = planObjects(OWNER, desired, observed)
      const present = new Map(observed.map((object) => [identityOf(object), object]))
      for (const { object, there: target } of plan.apply) {
        assert.equal(target, present.get(identityOf(object)))
        const uid = target?.metadata.labels?.[OWNER_LABEL]
        if (target !== undefined) assert.ok(uid === 'now' || (uid === 'before' && isData(object.kind)))
      }
      for (const { reference } of plan.remove) {
        const target = present.get(identityOf(plain(reference.kind, reference.name)))
        assert.equal(target?.metadata.labels?.[OWNER_LABEL], 'now')
        assert.ok(!isData(reference.kind))
        assert.ok(!desired.some(({ kind, metadata }) => kind === reference.kind && metadata.name === reference.name))
      }
      assert.equal(plan.apply.length + plan.conflicts.length + plan.going.length, desired.length)
    }),
  )
})

test('what holds data is collected with its resource only when that was asked for, all else always', () => {
  const references = (kind: string, policy: 'Retain' | 'Delete') =>
    ownedBy(OWNER, plain(kind, 'a'), policy).metadata['ownerReferences']
  assert.equal(references('Kafka', 'Retain'), undefined)
  assert.equal(references('MongoDBCommunity', 'Retain'), undefined)
  assert.ok(references('Kafka', 'Delete'))
  assert.ok(references('Deployment', 'Retain'))
})

test('an object that is collected with us is ours though somebody took its label away', () => {
  const metadata = { ...plain('Service', 'a').metadata, ownerReferences: [{ uid: 'now', controller: true }] }
  const plan = planObjects(OWNER, [plain('Service', 'a')], [{ ...plain('Service', 'a'), metadata }])
  assert.deepEqual([plan.apply.length, plan.conflicts], [1, []])
  const other = { ...metadata, ownerReferences: [{ uid: 'now' }, { uid: 'other', controller: true }] }
  const foreign = planObjects(OWNER, [plain('Service', 'a')], [{ ...plain('Service', 'a'), metadata: other }])
  assert.deepEqual([foreign.apply.length, foreign.conflicts.length], [0, 1])
})

test('what is being deleted already is not deleted again', () => {
  const object = plain('Service', 'a', 'now')
  const metadata = { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }
  assert.deepEqual(planObjects(OWNER, [], [{ ...object, metadata }]).remove, [])
})

function isData(kind: string): boolean {
  return kind === 'KafkaTopic' || kind === 'StatefulSet'
}

function plain(kind: string, name: string, uid?: string): KubernetesObject {
  const labels = { 'app.kubernetes.io/instance': 'wa', ...(uid !== undefined && { [OWNER_LABEL]: uid }) }
  return { apiVersion: 'test/v1', kind, metadata: { name, namespace: 'test', labels } }
}

function unique<T extends { kind: string; name: string }>(objects: readonly T[]): T[] {
  return [...new Map(objects.map((object) => [`${object.kind}/${object.name}`, object])).values()]
}
