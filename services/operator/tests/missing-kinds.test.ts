import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { crds } from '@whatsapp-sender/infra'
import { foreignDefinitions } from '../../../tests/kubernetes/foreign-definitions.ts'
import { type ControlPlane, startOwnControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { openCluster, runOperator, until } from './support/operator-cluster.ts'
import { createSenderNamespace } from './support/sender-namespace.ts'

const EXTERNAL = {
  kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
  mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
  evolution: { mode: 'sandbox' },
}

describe('a cluster without the operators of others', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  let sender: ReturnType<typeof createSenderNamespace>
  const stop: (() => void)[] = []

  before(async () => {
    const opened = await openCluster(await startOwnControlPlane({ after: (end) => void stop.push(end) }))
    plane = opened.plane
    cluster = opened.cluster
    await plane.define(crds())
  })
  beforeEach(async () => {
    sender = createSenderNamespace(plane, cluster, await plane.createNamespace())
  })
  after(async () => {
    await cluster.close()
    for (const end of stop) end()
  })

  test('lacks the monitors of a WhatsAppSender, which says so and is made for the rest, until they are defined', async (t) => {
    await runOperator(t, { plane, namespace: sender.namespace })
    await sender.giveSecret('mongo', { 'connectionString.standard': 'mongodb://mongo' })
    await sender.want({ ...EXTERNAL, monitoring: { monitors: true } })
    await until('said', async () => (await sender.condition('MonitoringAvailable')).status === 'False')
    const { reason, message } = await sender.condition('MonitoringAvailable')
    assert.equal(reason, 'KindMissing')
    assert.match(message, /PodMonitor of monitoring.coreos.com/)
    assert.equal((await sender.condition('Stalled')).status, 'False')
    assert.ok(await sender.find('Deployment', 'wa-consumer'))
    await plane.define((await foreignDefinitions()).filter(isOfPrometheus))
    await until('monitored', async () => (await sender.find('PodMonitor', 'wa-consumer')) !== undefined, 90_000)
    await until('said', async () => (await sender.condition('MonitoringAvailable')).status === 'True')
  })

  test('makes a WhatsAppSender that needs them say which kinds are missing, until they are defined', async (t) => {
    await runOperator(t, { plane, namespace: sender.namespace })
    await sender.want({ evolution: { mode: 'sandbox' } })
    await until('stalled', async () => (await sender.condition('Stalled')).status === 'True')
    const { reason, message } = await sender.condition('Stalled')
    assert.equal(reason, 'KindMissing')
    for (const kind of ['MongoDBCommunity', 'KafkaUser']) {
      assert.match(message, new RegExp(`${kind} of .*CustomResourceDefinition`))
    }
    await plane.define(await foreignDefinitions())
    await until('goes on', async () => (await sender.condition('Stalled')).status === 'False')
  })
})

function isOfPrometheus(definition: object): boolean {
  return 'spec' in definition && Object(definition.spec).group === 'monitoring.coreos.com'
}
