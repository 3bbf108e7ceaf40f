import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { createInformer, type Informer } from '../src/kubernetes/informer.ts'
import { configMap, openCluster, until } from './support/operator-cluster.ts'

describe('the cache of a kind', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  let namespace: string

  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    namespace = await plane.createNamespace()
  })
  after(() => cluster.close())

  test('follows what is made, changed and removed, and nothing of another namespace', async (t) => {
    const other = await plane.createNamespace()
    const informer = open(t)
    await cluster.create(configMap(other, 'elsewhere', {}))
    await cluster.create(configMap(namespace, 'a', { v: '1' }))
    await until('made', () => cachedValue(informer, 'a') === '1')
    await cluster.apply(configMap(namespace, 'a', { v: '2' }), { force: true })
    await until('changed', () => cachedValue(informer, 'a') === '2')
    await cluster.remove({ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace })
    await until('removed', () => informer.get(`${namespace}/a`) === undefined)
    assert.ok(informer.keys().every((key) => key.startsWith(`${namespace}/`)))
  })

  test('goes on after the API server was away, with what happened since', async (t) => {
    const informer = open(t)
    await cluster.create(configMap(namespace, 'before', { v: '1' }))
    await until('made', () => cachedValue(informer, 'before') === '1')
    await plane.restartApiServer()
    await until('made after', async () => {
      await cluster.apply(configMap(namespace, 'after', { v: '1' }), { force: true })
      return true
    })
    await until('seen after', () => cachedValue(informer, 'after') === '1')
    assert.equal(cachedValue(informer, 'before'), '1')
  })

  test('lists anew when the server no longer knows the version', async (t) => {
    const { resourceVersion } = await cluster.listWithVersion({ apiVersion: 'v1', kind: 'ConfigMap', namespace })
    assert.ok(Number(resourceVersion) > 1)
    let isFirst = true
    const informer = open(t, {
      ...cluster,
      // A version from before the server's memory, as after a long absence.
      listWithVersion: async (selection) => {
        const listed = await cluster.listWithVersion(selection)
        const old = isFirst ? '1' : listed.resourceVersion
        isFirst = false
        return { ...listed, resourceVersion: old }
      },
    })
    await informer.synced
    await cluster.apply(configMap(namespace, 'anew', { v: '1' }), { force: true })
    await until('seen', () => cachedValue(informer, 'anew') === '1')
  })

  function open(t: { after(end: () => Promise<void>): void }, reached: Cluster = cluster): Informer {
    const informer = createInformer({
      cluster: reached,
      selection: { apiVersion: 'v1', kind: 'ConfigMap', namespace },
      onChange: () => undefined,
      onError: () => undefined,
    })
    informer.start()
    t.after(informer.stop)
    return informer
  }

  function cachedValue(informer: Informer, name: string): unknown {
    return Object(informer.get(`${namespace}/${name}`)?.['data']).v
  }
})
