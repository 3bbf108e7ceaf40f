import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import { type Cluster, createCluster } from '../src/kubernetes/cluster.ts'
import { kubeconfigCredentials, podCredentials } from '../src/kubernetes/credentials.ts'
import { createEventRecorder } from '../src/kubernetes/event-recorder.ts'
import { KubernetesError } from '../src/kubernetes/kubernetes-error.ts'
import { configMap, openCluster } from './support/operator-cluster.ts'

describe('the cluster as the operator reaches it', { skip: whyNoKubernetes() }, () => {
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

  test('applying the same again changes nothing, and what is no longer applied goes', async () => {
    const first = await cluster.apply(configMap(namespace, 'same', { a: '1', b: '2' }), { force: false })
    const second = await cluster.apply(configMap(namespace, 'same', { a: '1', b: '2' }), { force: false })
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion)
    const third = await cluster.apply(configMap(namespace, 'same', { a: '1' }), { force: false })
    assert.deepEqual(third['data'], { a: '1' })
  })

  test('a field of another manager is a conflict that names both, and force takes it', async () => {
    await plane.apply([configMap(namespace, 'fought', { a: 'theirs' })], ['--field-manager=somebody'])
    const ours = configMap(namespace, 'fought', { a: 'ours' })
    await assert.rejects(cluster.apply(ours, { force: false }), (error: unknown) => {
      assert.ok(error instanceof KubernetesError)
      assert.deepEqual([error.status, error.reason], [409, 'Conflict'])
      assert.equal(error.details.causes?.[0]?.field, '.data.a')
      assert.match(error.message, /somebody/)
      return true
    })
    assert.deepEqual((await cluster.apply(ours, { force: true }))['data'], { a: 'ours' })
  })

  test('a dry run tells what would be and changes nothing', async () => {
    const wanted = configMap(namespace, 'dry', { a: '1' })
    assert.deepEqual((await cluster.apply(wanted, { force: false, dryRun: true }))['data'], { a: '1' })
    assert.equal(await cluster.read({ apiVersion: 'v1', kind: 'ConfigMap', name: 'dry', namespace }), undefined)
  })

  test('a field that a client library may not know is kept', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'distributed', namespace },
      spec: { ports: [{ port: 80 }], trafficDistribution: 'PreferSameNode' },
    }
    const { spec } = await cluster.apply(service, { force: false })
    assert.equal(Object(spec).trafficDistribution, 'PreferSameNode')
  })

  test('a status is applied apart from its object', async () => {
    const deployment = deploymentOf(namespace, 'with-status')
    const made = await cluster.apply(deployment, { force: false })
    const { apiVersion, kind, metadata } = deployment
    const told = await cluster.applyStatus({
      apiVersion,
      kind,
      metadata,
      status: { observedGeneration: 1, replicas: 3 },
    })
    assert.equal(Object(told['status']).replicas, 3)
    assert.equal(told.metadata.generation, made.metadata.generation)
  })

  test('lists are whole however many pages they have, and only of what was selected', async () => {
    const wanted = Array.from({ length: 510 }, (_, i) => ({
      ...configMap(namespace, `many-${i}`, {}),
      metadata: { name: `many-${i}`, namespace, labels: { many: 'yes' } },
    }))
    await plane.apply(wanted)
    const found = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: 'many=yes' })
    assert.equal(new Set(found.map(({ metadata }) => metadata.name)).size, 510)
    assert.equal(found[0]?.kind, 'ConfigMap')
  })

  test('only the very object that was meant is removed, and what is gone already is no error', async () => {
    const { metadata } = await cluster.create(configMap(namespace, 'removed', {}))
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'removed', namespace }
    await assert.rejects(cluster.remove(reference, { uid: 'another' }), { status: 409 })
    assert.equal(await cluster.remove(reference, { uid: metadata.uid }), true)
    assert.equal(await cluster.remove(reference, { uid: metadata.uid }), false)
  })

  test('what is made twice, written late or of no known kind is told apart', async () => {
    const made = await cluster.create(configMap(namespace, 'once', {}))
    await assert.rejects(cluster.create(configMap(namespace, 'once', {})), { status: 409, reason: 'AlreadyExists' })
    await cluster.replace({ ...made, data: { a: '1' } })
    await assert.rejects(cluster.replace({ ...made, data: { a: '2' } }), { status: 409, reason: 'Conflict' })
    const unknown = { apiVersion: 'nobody.example/v1', kind: 'Nothing', namespace }
    await assert.rejects(cluster.list(unknown), { status: 404, reason: 'UnknownKind' })
  })

  test('a pod logs in with its token, may do what its role says, and is known again after the token is renewed', async (t) => {
    await cluster.apply(object('ServiceAccount', 'v1', { name: 'robot', namespace }), { force: false })
    await plane.kubectl([
      'create',
      'role',
      'robot',
      '--verb=get,list',
      '--resource=configmaps',
      '--namespace',
      namespace,
    ])
    const account = `${namespace}:robot`
    await plane.kubectl([
      'create',
      'rolebinding',
      'robot',
      '--role=robot',
      `--serviceaccount=${account}`,
      '-n',
      namespace,
    ])
    const directory = await mkdtemp(join(tmpdir(), 'service-account-'))
    t.after(() => rm(directory, { recursive: true }))
    const { server, tls } = await kubeconfigCredentials(plane.kubeconfig)()
    await writeFile(join(directory, 'ca.crt'), tls.ca ?? '')
    await writeFile(join(directory, 'token'), 'not a token')
    const { hostname: host, port } = new URL(server)
    const robot = createCluster({ readCredentials: podCredentials({ host, port, directory }) })
    t.after(() => robot.close())
    const selection = { apiVersion: 'v1', kind: 'ConfigMap', namespace }
    await assert.rejects(robot.list(selection), { status: 401 })
    await writeFile(
      join(directory, 'token'),
      await plane.kubectl(['create', 'token', 'robot', '--namespace', namespace]),
    )
    await robot.list(selection)
    await assert.rejects(robot.create(configMap(namespace, 'robots', {})), { status: 403, reason: 'Forbidden' })
  })

  test('an Event is found at its object, and the same again raises its count', async () => {
    const about = await cluster.create(configMap(namespace, 'told-of', {}))
    for (let i = 0; i < 2; i += 1) {
      // Of another process each time, which has said nothing yet.
      const recorder = createEventRecorder({ cluster, onError: (error) => assert.fail(String(error)) })
      recorder.record(about, { type: 'Warning', reason: 'Conflict', message: 'somebody else has it' })
      await recorder.stop()
    }
    const told = await plane.kubectl(['describe', 'configmap', 'told-of', '--namespace', namespace])
    assert.match(told, /Warning\s+Conflict\s+.*x2.*whatsapp-operator\s+somebody else has it/)
  })
})

function object(kind: string, apiVersion: string, metadata: Readonly<{ name: string; namespace: string }>) {
  return { apiVersion, kind, metadata: { ...metadata } }
}

function deploymentOf(namespace: string, name: string) {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'none', image: 'none' }] } },
    },
  }
}
