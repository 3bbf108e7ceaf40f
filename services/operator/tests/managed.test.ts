import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { crds } from '@whatsapp-sender/infra'
import { foreignDefinitions } from '../../../tests/kubernetes/foreign-definitions.ts'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { openCluster, runOperator, until } from './support/operator-cluster.ts'
import { createSenderNamespace } from './support/sender-namespace.ts'

const SPEC = {
  evolution: { mode: 'sandbox' },
  api: { replicas: 1 },
  consumer: { replicas: 1, autoscaling: { type: 'keda', min: 1, max: 3 } },
  monitoring: { monitors: true },
}
const READY = { type: 'Ready', status: 'True' }

/** The operators of Strimzi and MongoDB do not run here: what they would say and make is said and made by hand. */
describe('a WhatsAppSender whose Kafka and MongoDB are made by other operators', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  let sender: ReturnType<typeof createSenderNamespace>

  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    await plane.define([...crds(), ...(await foreignDefinitions())])
  })
  beforeEach(async () => {
    sender = createSenderNamespace(plane, cluster, await plane.createNamespace())
  })
  after(() => cluster.close())

  test('says who is waited for, what has failed there, and is ready when all are', async (t) => {
    await runOperator(t, { plane, namespace: sender.namespace })
    await sender.want(SPEC)
    await until('waits', async () => (await sender.condition('KafkaReady')).reason === 'KafkaNotReady')
    assert.equal((await sender.condition('MongoReady')).reason, 'MongoDBPending')
    assert.equal((await sender.condition('MonitoringAvailable')).status, 'True')
    const why = { type: 'NotReady', status: 'True', reason: 'InvalidResourceException', message: 'no such class' }
    await sender.say('Kafka', 'wa', { conditions: [why], observedGeneration: 1 })
    await sender.say('MongoDBCommunity', 'wa-mongodb', {
      phase: 'Failed',
      message: 'no volume',
      mongoUri: '',
      currentMongoDBMembers: 0,
      currentStatefulSetReplicas: 0,
    })
    await until('Kafka has failed', async () => (await sender.condition('KafkaReady')).reason === why.reason)
    await until('MongoDB has failed', async () => (await sender.condition('MongoReady')).reason === 'MongoDBFailed')
    const [kafka, mongo] = [await sender.condition('KafkaReady'), await sender.condition('MongoReady')]
    assert.deepEqual([kafka.status, kafka.message], ['False', 'Kafka wa: no such class'])
    assert.deepEqual([mongo.status, mongo.message], ['False', 'MongoDBCommunity wa-mongodb: no volume'])
    assert.equal((await sender.condition('Ready')).status, 'False')
    await playOperators()
    await until('Kafka and MongoDB are ready', async () => {
      return [await sender.condition('KafkaReady'), await sender.condition('MongoReady')].every(
        ({ status }) => status === 'True',
      )
    })
    await until(
      'ready',
      async () => {
        await sender.playKubelet()
        return (await sender.condition('Ready')).status === 'True'
      },
      120_000,
    )
  })

  test('loses what scales it when nothing is to, and keeps what holds data', async (t) => {
    await runOperator(t, { plane, namespace: sender.namespace })
    await sender.want(SPEC)
    await until('scaled', async () => (await sender.find('ScaledObject', 'wa-consumer')) !== undefined)
    const topics = (await sender.all('KafkaTopic')).length
    assert.ok(topics > 0)
    const deployment = async () => Object((await sender.read('Deployment', 'wa-consumer'))['spec'])
    await until('judged', async () => (await sender.condition('KafkaReady')).status === 'False')
    await sender.want({ ...SPEC, consumer: { replicas: 2 }, monitoring: {} })
    for (const [kind, name] of Object.entries({
      ScaledObject: 'wa-consumer',
      TriggerAuthentication: 'wa-keda',
      KafkaUser: 'wa-keda',
      PodMonitor: 'wa-consumer',
      ServiceMonitor: 'wa-api',
    })) {
      await until(`${kind} gone`, async () => (await sender.find(kind, name)) === undefined)
    }
    await until('scaled by hand', async () => (await deployment()).replicas === 2)
    await plane.kubectl(['delete', 'was', 'wa', '--namespace', sender.namespace])
    await until('collected', async () => (await sender.all('Deployment')).length === 0)
    assert.equal((await sender.all('KafkaTopic')).length, topics)
    assert.ok(await sender.find('Kafka', 'wa'))
    assert.ok(await sender.find('MongoDBCommunity', 'wa-mongodb'))
    assert.ok(await sender.find('Secret', 'wa-keys'))
  })

  async function playOperators(): Promise<void> {
    for (const kind of ['Kafka', 'KafkaTopic', 'KafkaUser']) {
      for (const { metadata } of await sender.all(kind)) {
        await sender.say(kind, metadata.name, { conditions: [READY], observedGeneration: metadata.generation })
        if (kind === 'KafkaUser') await sender.giveSecret(metadata.name, { password: 'secret' })
      }
    }
    await sender.giveSecret('wa-cluster-ca-cert', { 'ca.crt': 'certificate' })
    await sender.giveSecret('wa-mongodb-connection', { 'connectionString.standard': 'mongodb://mongo' })
    const members = { currentMongoDBMembers: 3, currentStatefulSetReplicas: 3, mongoUri: 'mongodb://mongo' }
    await sender.say('MongoDBCommunity', 'wa-mongodb', { phase: 'Running', ...members })
  }
})
