import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { createSecretPoll } from '../src/kubernetes/secret-poll.ts'
import { openCluster } from './support/operator-cluster.ts'

const MANY = 500

describe('the look at Secrets', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
  })
  after(() => cluster.close())

  test(`finds the one of ${MANY} that changed, and tells of no other`, async (t) => {
    const namespace = await plane.createNamespace()
    const names = Array.from({ length: MANY }, (_, at) => `key-${at}`)
    await plane.apply(names.map((name) => secret(namespace, name, 'first')))
    const told = new Set<string>()
    const failures: unknown[] = []
    const poll = createSecretPoll({
      cluster,
      namespace,
      onChange: (key) => told.add(key),
      onError: (error) => failures.push(error),
      everyMs: 1,
    })
    t.after(poll.stop)
    for (const { metadata } of await cluster.list({ apiVersion: 'v1', kind: 'Secret', namespace })) {
      poll.follow(`test/${metadata.name}`, new Map([[metadata.name, metadata.resourceVersion]]))
    }
    await plane.apply([secret(namespace, `key-${MANY - 1}`, 'other')])
    const began = performance.now()
    await until('it is told of', () => told.size > 0 || undefined)
    t.diagnostic(`${MANY} Secrets in ${Math.round(performance.now() - began)} ms at most`)
    assert.deepEqual([...told], [`test/key-${MANY - 1}`])
    assert.deepEqual(failures, [])
  })
})

function secret(namespace: string, name: string, value: string) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: { value } }
}
