import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { crds } from '@whatsapp-sender/infra'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import { loadConfig } from '../src/config.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { kubeconfigCredentials } from '../src/kubernetes/credentials.ts'
import type { KubernetesObject } from '../src/kubernetes/kubernetes-object.ts'
import { createService } from '../src/service.ts'
import { configMap, openCluster, until } from './support/operator-cluster.ts'

const API_VERSION = 'whatsappsender.io/v1alpha1'
const SPEC = {
  kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
  mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
  evolution: { mode: 'sandbox' },
  api: { replicas: 1, ingress: { host: 'wa.example.com' } },
  consumer: { replicas: 1 },
}

describe('a WhatsAppSender', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  let namespace: string

  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    await plane.define(crds())
  })
  beforeEach(async () => {
    namespace = await plane.createNamespace()
  })
  after(() => cluster.close())

  test('becomes ready, and from then on nothing is written', async (t) => {
    await giveSecret()
    await runOperator(t)
    await want(SPEC)
    await until('pods', async () => (await pods()).length === 3)
    await until('not ready', async () => (await condition('Ready')).status === 'False')
    await until(
      'ready',
      async () => {
        await playKubelet()
        return (await condition('Ready')).status === 'True'
      },
      120_000,
    )
    const sender = await read('WhatsAppSender', 'wa', API_VERSION)
    const status = Object(sender['status'])
    assert.equal(status.observedGeneration, sender.metadata.generation)
    assert.equal(status.url, 'http://wa.example.com')
    assert.deepEqual(status.consumer, { replicas: 1, ready: 1 })
    const service = await read('Service', 'wa-api')
    assert.equal(Object(service.metadata['ownerReferences'])[0].uid, sender.metadata.uid)
    const keys = await read('Secret', 'wa-keys')
    assert.equal(keys.metadata['ownerReferences'], undefined)
    const versions = await versionsOfAll()
    // Resync comes every 10 s here, so it has been twice.
    const began = performance.now()
    await until('two resyncs', () => performance.now() - began > 25_000)
    assert.deepEqual(await versionsOfAll(), versions)
  })

  test('says which Secret is missing, and goes on when it comes', async (t) => {
    await runOperator(t)
    await want(SPEC)
    await until('stalled', async () => (await condition('Stalled')).status === 'True')
    const { reason, message } = await condition('Stalled')
    assert.equal(reason, 'SecretMissing')
    assert.match(message, /Secret mongo/)
    await giveSecret()
    await until('applied', async () => (await find('Deployment', 'wa-api')) !== undefined)
  })

  test('touches nothing of others, and says what is in its way', async (t) => {
    await giveSecret()
    await plane.apply([{ ...serviceOf('wa-api') }], ['--field-manager=somebody'])
    await runOperator(t)
    await want(SPEC)
    await until('stalled', async () => (await condition('Stalled')).status === 'True')
    const { reason, message } = await condition('Stalled')
    assert.equal(reason, 'Conflict')
    assert.match(message, /Service wa-api/)
    assert.equal(await find('Deployment', 'wa-api'), undefined)
    const service = await read('Service', 'wa-api')
    await cluster.remove(
      { apiVersion: 'v1', kind: 'Service', name: 'wa-api', namespace },
      { uid: service.metadata.uid },
    )
    await until('applied', async () => (await find('Deployment', 'wa-api')) !== undefined)
  })

  test('is repaired where somebody changed or removed a part of it, and loses what is not asked for any more', async (t) => {
    await giveSecret()
    await runOperator(t)
    await want(SPEC)
    await until('applied', async () => (await find('Deployment', 'wa-consumer')) !== undefined)
    await until('ingress', async () => (await find('Ingress', 'wa-api')) !== undefined)
    await plane.kubectl(['scale', 'deployment', 'wa-api', '--replicas=7', '--namespace', namespace])
    await until('scaled back', async () => Object((await read('Deployment', 'wa-api'))['spec']).replicas === 1)
    await plane.kubectl(['delete', 'service', 'wa-api', '--namespace', namespace])
    await until('made again', async () => (await find('Service', 'wa-api')) !== undefined)
    await want({ ...SPEC, api: { replicas: 1 } })
    await until('ingress gone', async () => (await find('Ingress', 'wa-api')) === undefined)
  })

  test('is left alone while it is paused', async (t) => {
    await giveSecret()
    await runOperator(t)
    await want(SPEC, { 'whatsappsender.io/paused': 'true' })
    await until('said', async () => (await plane.kubectl(['get', 'events', '-n', namespace])).includes('Paused'))
    assert.equal(await find('Deployment', 'wa-api'), undefined)
    await plane.kubectl(['annotate', 'was', 'wa', 'whatsappsender.io/paused-', '--namespace', namespace])
    await until('applied', async () => (await find('Deployment', 'wa-api')) !== undefined)
  })

  async function runOperator(t: { after(end: () => Promise<void>): void }): Promise<void> {
    const config = loadConfig({ WATCH_NAMESPACE: namespace, METRICS_PORT: '0', RESYNC_SECONDS: '10' })
    const logger = createLogger({ service: 'operator', level: 'silent' })
    const service = createService(config, { logger, readCredentials: kubeconfigCredentials(plane.kubeconfig) })
    await service.start()
    t.after(service.stop)
  }

  function want(spec: object, annotations: Readonly<Record<string, string>> = {}): Promise<string> {
    const metadata = { name: 'wa', namespace, annotations }
    return plane.apply([{ apiVersion: API_VERSION, kind: 'WhatsAppSender', metadata, spec }])
  }

  async function giveSecret(): Promise<void> {
    const stringData = { 'connectionString.standard': 'mongodb://mongo' }
    await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mongo', namespace }, stringData })
  }

  async function condition(type: string): Promise<{ status: string; reason: string; message: string }> {
    const sender = await read('WhatsAppSender', 'wa', API_VERSION)
    const conditions: { type: string; status: string; reason: string; message: string }[] =
      Object(sender['status']).conditions ?? []
    return conditions.find((one) => one.type === type) ?? { status: 'none', reason: '', message: '' }
  }

  async function find(kind: string, name: string, apiVersion = VERSIONS[kind] ?? 'v1') {
    return cluster.read({ apiVersion, kind, name, namespace })
  }

  async function read(kind: string, name: string, apiVersion?: string): Promise<KubernetesObject> {
    const found = await find(kind, name, apiVersion)
    assert.ok(found, `${kind} ${name} is not there`)
    return found
  }

  function pods(): Promise<readonly KubernetesObject[]> {
    return cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace })
  }

  /** There is no node: what its kubelet would say of pods that work. */
  async function playKubelet(): Promise<void> {
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, '')
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }]
    for (const { apiVersion, kind, metadata, status } of await pods()) {
      if (Object(status).phase === 'Running') continue
      const { name } = metadata
      await cluster.applyStatus({
        apiVersion,
        kind,
        metadata: { name, namespace },
        status: { phase: 'Running', conditions },
      })
    }
  }

  async function versionsOfAll(): Promise<readonly string[]> {
    const kinds = ['Deployment', 'Service', 'ServiceAccount', 'Secret', 'NetworkPolicy', 'ConfigMap', 'WhatsAppSender']
    const all = await Promise.all(
      kinds.map((kind) => cluster.list({ apiVersion: VERSIONS[kind] ?? 'v1', kind, namespace })),
    )
    return all.flat().map(({ kind, metadata }) => `${kind}/${metadata.name}@${metadata.resourceVersion}`)
  }

  function serviceOf(name: string) {
    return { ...configMap(namespace, name, {}), kind: 'Service', data: undefined, spec: { ports: [{ port: 80 }] } }
  }
})

const VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  Ingress: 'networking.k8s.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  WhatsAppSender: API_VERSION,
}
