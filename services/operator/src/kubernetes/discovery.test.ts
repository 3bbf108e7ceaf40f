import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDiscovery, rootOf } from './discovery.ts'
import { KubernetesError } from './kubernetes-error.ts'

const DEPLOYMENTS = [
  { name: 'deployments', kind: 'Deployment', namespaced: true },
  { name: 'deployments/scale', kind: 'Scale', namespaced: true },
]

test('the path of a kind is asked for once, also by callers at the same time', async () => {
  const server = createServer({ '/apis/apps/v1': DEPLOYMENTS })
  const kind = { apiVersion: 'apps/v1', kind: 'Deployment' }
  const found = await Promise.all([server.discovery.find(kind), server.discovery.find(kind)])
  assert.deepEqual(found[0], { plural: 'deployments', isNamespaced: true })
  await server.discovery.find(kind)
  assert.equal(server.asked(), 1)
})

test('a kind that is unknown is asked for again, for its CRD may have come', async () => {
  const groups: Record<string, typeof DEPLOYMENTS> = {}
  const server = createServer(groups)
  const kind = { apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppSender' }
  await assert.rejects(server.discovery.find(kind), (error: unknown) => {
    assert.ok(error instanceof KubernetesError)
    assert.deepEqual([error.status, error.reason], [404, 'UnknownKind'])
    return true
  })
  groups['/apis/whatsappsender.io/v1alpha1'] = [{ name: 'whatsappsenders', kind: 'WhatsAppSender', namespaced: true }]
  assert.equal((await server.discovery.find(kind)).plural, 'whatsappsenders')
})

test('a server that fails is no server without the kind', async () => {
  const failing = createDiscovery({
    call: async () => {
      throw new KubernetesError({ status: 503, reason: 'ServiceUnavailable', message: 'away' })
    },
  })
  await assert.rejects(failing.find({ apiVersion: 'v1', kind: 'Pod' }), { status: 503 })
})

test('the core has another root than the groups', () => {
  assert.equal(rootOf('v1'), '/api/v1')
  assert.equal(rootOf('apps/v1'), '/apis/apps/v1')
})

function createServer(groups: Readonly<Record<string, readonly object[]>>) {
  let asked = 0
  const discovery = createDiscovery({
    call: async ({ path }) => {
      asked += 1
      const resources = groups[path]
      if (resources === undefined) throw new KubernetesError({ status: 404, reason: 'NotFound', message: 'none' })
      return { resources }
    },
  })
  return { discovery, asked: () => asked }
}
