import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSender } from '@whatsapp-sender/infra'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { judgeChildren } from './judge-children.ts'

const EXTERNAL = {
  kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
  mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
}

test('it is ready when every part is, and otherwise names the first that is not', () => {
  const sender = senderOf({ ...EXTERNAL, evolution: { mode: 'sandbox' } })
  const parts = ['wa-api', 'wa-consumer', 'wa-sandbox']
  assert.deepEqual(
    judgeChildren(
      sender,
      parts.map((name) => deployment(name)),
    ).progress.state,
    'ready',
  )
  for (const missing of parts) {
    const children = parts.map((name) => deployment(name, name === missing ? { availableReplicas: 0 } : {}))
    const { progress, verdicts } = judgeChildren(sender, children)
    assert.deepEqual([progress.state, progress.reason], ['reconciling', 'RollingOut'])
    assert.equal(verdicts.filter(({ status }) => status !== 'True').length, 1)
  }
})

test('a rollout is not over while its status speaks of the version before, or old pods are left', () => {
  const sender = senderOf({ ...EXTERNAL, evolution: { mode: 'sandbox' } })
  const others = [deployment('wa-consumer'), deployment('wa-sandbox')]
  for (const status of [{ observedGeneration: 1 }, { updatedReplicas: 0 }, { replicas: 2 }]) {
    assert.equal(judgeChildren(sender, [deployment('wa-api', status), ...others]).progress.state, 'reconciling')
  }
})

test('a rollout that the cluster has given up is stalled', () => {
  const sender = senderOf({ ...EXTERNAL, evolution: { mode: 'sandbox' } })
  const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'too long' }]
  const children = [deployment('wa-api', { conditions }), deployment('wa-consumer'), deployment('wa-sandbox')]
  const { progress } = judgeChildren(sender, children)
  assert.deepEqual([progress.state, progress.reason], ['stalled', 'ProgressDeadlineExceeded'])
})

test('of a managed Kafka and MongoDB their own operators tell when they are ready', () => {
  const sender = senderOf({ evolution: { mode: 'sandbox' } })
  const workloads = [deployment('wa-api'), deployment('wa-consumer'), deployment('wa-sandbox')]
  const judge = (kafka: object, mongodb: object) => {
    const children = [child('Kafka', 'wa', kafka), child('MongoDBCommunity', 'wa-mongodb', mongodb), ...workloads]
    return Object.fromEntries(judgeChildren(sender, children).verdicts.map(({ type, status }) => [type, status]))
  }
  const ready = { observedGeneration: 2, conditions: [{ type: 'Ready', status: 'True' }] }
  assert.deepEqual(judge(ready, { phase: 'Running' }), {
    KafkaReady: 'True',
    MongoReady: 'True',
    EvolutionReady: 'True',
    ApiReady: 'True',
    ConsumerReady: 'True',
  })
  assert.equal(judge({ ...ready, observedGeneration: 1 }, {})['KafkaReady'], 'False')
  assert.equal(judge(ready, { phase: 'Pending' })['MongoReady'], 'False')
  const failing = {
    observedGeneration: 2,
    conditions: [{ type: 'NotReady', status: 'True', message: 'no such version' }],
  }
  const { progress } = judgeChildren(sender, [child('Kafka', 'wa', failing), ...workloads])
  assert.match(progress.message, /Kafka wa: no such version/)
})

function senderOf(spec: object) {
  const metadata = { name: 'wa', namespace: 'test' }
  return parseSender({ apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppSender', metadata, spec })
}

function deployment(name: string, status: object = {}): KubernetesObject {
  const done = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }
  return { ...child('Deployment', name, { ...done, ...status }), spec: { replicas: 1 } }
}

function child(kind: string, name: string, status: object): KubernetesObject {
  return { apiVersion: 'test/v1', kind, metadata: { name, namespace: 'test', generation: 2 }, status }
}
