import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { crds } from '@whatsapp-sender/infra'
import { z } from 'zod'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { OWNER_LABEL } from '../src/senders/ownership.ts'
import { openCluster, runOperator, until } from './support/operator-cluster.ts'
import { createSenderNamespace } from './support/sender-namespace.ts'

const SPEC = {
  kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
  mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
  evolution: { mode: 'sandbox' },
  settings: { LOG_LEVEL: 'debug' },
}

const Pods = z.looseObject({
  replicas: z.number().optional(),
  template: z.looseObject({
    spec: z.looseObject({
      containers: z.tuple([
        z.looseObject({
          env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
          livenessProbe: z.looseObject({}).optional(),
        }),
      ]),
    }),
  }),
})

describe('an object of a WhatsAppSender that somebody else changes', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  let sender: ReturnType<typeof createSenderNamespace>

  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    await plane.define(crds())
  })
  beforeEach(async () => {
    sender = createSenderNamespace(plane, cluster, await plane.createNamespace())
    await sender.giveSecret('mongo', { 'connectionString.standard': 'mongodb://mongo' })
  })
  after(() => cluster.close())

  test('is as it was again, however deep the field lies, and whatever was taken out', async (t) => {
    await applied(t)
    const before = await pods('wa-consumer')
    await kubectl('set', 'env', 'deployment/wa-consumer', 'LOG_LEVEL=silent', 'KAFKA_BROKERS=elsewhere:9092')
    const probe = '[{"op":"remove","path":"/spec/template/spec/containers/0/livenessProbe"}]'
    await kubectl('patch', 'deployment', 'wa-consumer', '--type=json', '--patch', probe)
    await kubectl('patch', 'configmap', 'wa-settings', '--patch', '{"data":{"LOG_LEVEL":"silent"}}')
    await kubectl(
      'patch',
      'networkpolicy',
      'wa-api',
      '--type=json',
      '--patch',
      '[{"op":"remove","path":"/spec/egress"}]',
    )
    const ours = (containers: typeof before.template.spec.containers) => {
      const [{ env, livenessProbe }] = containers
      return { brokers: env.find(({ name }) => name === 'KAFKA_BROKERS'), livenessProbe }
    }
    await until('the Deployment', async () => {
      const { template } = await pods('wa-consumer')
      return JSON.stringify(ours(template.spec.containers)) === JSON.stringify(ours(before.template.spec.containers))
    })
    await until(
      'the ConfigMap',
      async () => Object((await sender.read('ConfigMap', 'wa-settings'))['data']).LOG_LEVEL === 'debug',
    )
    await until(
      'the NetworkPolicy',
      async () => Object((await sender.read('NetworkPolicy', 'wa-api'))['spec']).egress?.length > 0,
    )
  })

  test('gets back the fields that are ours, by force, and keeps those that are not', async (t) => {
    await applied(t)
    const theirs = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'wa-api', namespace: sender.namespace, annotations: { 'example.com/team': 'red' } },
      spec: { replicas: 7 },
    }
    await plane.apply([theirs], ['--field-manager=somebody', '--force-conflicts', '--validate=false'])
    await until('taken back', async () => (await pods('wa-api')).replicas === 2)
    const { metadata } = await sender.read('Deployment', 'wa-api')
    assert.equal(metadata.annotations?.['example.com/team'], 'red')
    assert.equal((await sender.condition('Stalled')).status, 'False')
  })

  test('is known by its owner when its label is taken away', async (t) => {
    await applied(t)
    await kubectl('label', 'service', 'wa-api', `${OWNER_LABEL}-`)
    await until(
      'labelled again',
      async () => (await sender.read('Service', 'wa-api')).metadata.labels?.[OWNER_LABEL] !== undefined,
    )
    assert.equal((await sender.condition('Stalled')).status, 'False')
  })

  async function applied(t: { after(end: () => Promise<void>): void }): Promise<void> {
    await runOperator(t, { plane, namespace: sender.namespace })
    await sender.want(SPEC)
    await until('applied', async () => (await sender.condition('ApiReady')).status === 'False')
  }

  async function pods(name: string) {
    return Pods.parse((await sender.read('Deployment', name))['spec'])
  }

  function kubectl(...args: string[]): Promise<string> {
    return plane.kubectl([...args, '--namespace', sender.namespace])
  }
})
