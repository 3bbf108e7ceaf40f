import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { crds } from '@whatsapp-sender/infra'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { configMap, openCluster, runOperator, until } from './support/operator-cluster.ts'
import { createSenderNamespace } from './support/sender-namespace.ts'

const MONGO = { 'connectionString.standard': 'mongodb://mongo' }
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
  let sender: ReturnType<typeof createSenderNamespace>

  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    await plane.define(crds())
  })
  beforeEach(async () => {
    namespace = await plane.createNamespace()
    sender = createSenderNamespace(plane, cluster, namespace)
  })
  after(() => cluster.close())

  test('becomes ready, and from then on nothing is written', async (t) => {
    await sender.giveSecret('mongo', MONGO)
    await runOperator(t, { plane, namespace })
    await sender.want(SPEC)
    await until('pods', async () => (await sender.all('Pod')).length === 3)
    await until('not ready', async () => (await sender.condition('Ready')).status === 'False')
    await until(
      'ready',
      async () => {
        await sender.playKubelet()
        return (await sender.condition('Ready')).status === 'True'
      },
      120_000,
    )
    const resource = await sender.read('WhatsAppSender', 'wa')
    const status = await sender.status()
    assert.equal(status.observedGeneration, resource.metadata.generation)
    assert.equal(status.url, 'http://wa.example.com')
    assert.deepEqual(status.consumer, { replicas: 1, ready: 1 })
    const service = await sender.read('Service', 'wa-api')
    assert.equal(Object(service.metadata['ownerReferences'])[0].uid, resource.metadata.uid)
    const keys = await sender.read('Secret', 'wa-keys')
    assert.equal(keys.metadata['ownerReferences'], undefined)
    const versions = await sender.versionsOfAll()
    // Resync comes every 10 s here, so it has been twice.
    const began = performance.now()
    await until('two resyncs', () => performance.now() - began > 25_000)
    assert.deepEqual(await sender.versionsOfAll(), versions)
  })

  test('says which Secret is missing, and goes on when it comes', async (t) => {
    await runOperator(t, { plane, namespace })
    await sender.want(SPEC)
    await until('stalled', async () => (await sender.condition('Stalled')).status === 'True')
    const { reason, message } = await sender.condition('Stalled')
    assert.equal(reason, 'SecretMissing')
    assert.match(message, /Secret mongo/)
    await sender.giveSecret('mongo', MONGO)
    await until('applied', async () => (await sender.find('Deployment', 'wa-api')) !== undefined)
  })

  test('touches nothing of others, and says what is in its way', async (t) => {
    await sender.giveSecret('mongo', MONGO)
    await plane.apply([{ ...serviceOf('wa-api') }], ['--field-manager=somebody'])
    await runOperator(t, { plane, namespace })
    await sender.want(SPEC)
    await until('stalled', async () => (await sender.condition('Stalled')).status === 'True')
    const { reason, message } = await sender.condition('Stalled')
    assert.equal(reason, 'Conflict')
    assert.match(message, /Service wa-api/)
    assert.equal(await sender.find('Deployment', 'wa-api'), undefined)
    const service = await sender.read('Service', 'wa-api')
    await cluster.remove(
      { apiVersion: 'v1', kind: 'Service', name: 'wa-api', namespace },
      { uid: service.metadata.uid },
    )
    await until('applied', async () => (await sender.find('Deployment', 'wa-api')) !== undefined)
  })

  test('is repaired where somebody changed or removed a part of it, and loses what is not asked for any more', async (t) => {
    await sender.giveSecret('mongo', MONGO)
    await runOperator(t, { plane, namespace })
    await sender.want(SPEC)
    await until('applied', async () => (await sender.find('Deployment', 'wa-consumer')) !== undefined)
    await until('ingress', async () => (await sender.find('Ingress', 'wa-api')) !== undefined)
    await plane.kubectl(['scale', 'deployment', 'wa-api', '--replicas=7', '--namespace', namespace])
    await until('scaled back', async () => Object((await sender.read('Deployment', 'wa-api'))['spec']).replicas === 1)
    await plane.kubectl(['delete', 'service', 'wa-api', '--namespace', namespace])
    await until('made again', async () => (await sender.find('Service', 'wa-api')) !== undefined)
    await sender.want({ ...SPEC, api: { replicas: 1 } })
    await until('ingress gone', async () => (await sender.find('Ingress', 'wa-api')) === undefined)
  })

  test('has new pods within seconds when a Secret that they read is changed', async (t) => {
    await sender.giveSecret('mongo', MONGO)
    await runOperator(t, { plane, namespace, env: { RESYNC_SECONDS: '3600' } })
    await sender.want(SPEC)
    const template = async () =>
      JSON.stringify(Object((await sender.read('Deployment', 'wa-consumer'))['spec']).template)
    await until('applied', async () => (await template()).includes('whatsappsender.io/secrets'))
    const before = await template()
    await until('settled', async () => (await sender.condition('ConsumerReady')).status === 'False')
    await sender.giveSecret('mongo', { 'connectionString.standard': 'mongodb://other' })
    await until('other pods', async () => (await template()) !== before, 30_000)
  })

  test('is left alone while it is paused', async (t) => {
    await sender.giveSecret('mongo', MONGO)
    await runOperator(t, { plane, namespace })
    await sender.want(SPEC, { 'whatsappsender.io/paused': 'true' })
    await until('said', async () => (await plane.kubectl(['get', 'events', '-n', namespace])).includes('Paused'))
    assert.equal(await sender.find('Deployment', 'wa-api'), undefined)
    await plane.kubectl(['annotate', 'was', 'wa', 'whatsappsender.io/paused-', '--namespace', namespace])
    await until('applied', async () => (await sender.find('Deployment', 'wa-api')) !== undefined)
  })

  function serviceOf(name: string) {
    return { ...configMap(namespace, name, {}), kind: 'Service', data: undefined, spec: { ports: [{ port: 80 }] } }
  }
})
