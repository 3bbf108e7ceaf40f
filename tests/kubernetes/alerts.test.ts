import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { whyNoKubernetes } from '../support/kubernetes.ts'
import { type Prometheus, startPrometheus, whyNoPrometheus, whyNotEveryAlert } from '../support/prometheus.ts'
import { whileRepeating } from '../support/while-repeating.ts'
import { type Instances, instancesOf } from './support/instances.ts'
import { type OperatedSystem, startOperatedSystem } from './support/operated-system.ts'

const LEASE = 'whatsapp-operator'
/** A watch that tells nothing is begun anew after 90 s at most: a bound of five minutes is one of 100 s here. */
const BOUND_MINUTE = 20
const SILENCE_MS = 300_000
/** Where nobody listens. */
const NOWHERE = 'https://127.0.0.1:1/'

describe('an alert fires when the operator cannot do its work, and ends when it can:', {
  skip: whyNoKubernetes() || whyNoPrometheus(),
}, () => {
  let operated: OperatedSystem
  let instances: Instances
  let prometheus: Prometheus
  before(async () => {
    operated = await startOperatedSystem({ operatorEnv: { LEADER_ELECTION: 'true' } })
    instances = instancesOf(operated)
    prometheus = await startPrometheus(() => [new URL(operated.metricsUrl).host], { boundMinute: BOUND_MINUTE })
  })
  after(async () => {
    await prometheus.stop()
    await operated.stop()
  })

  test('a phone is not paired', async () => {
    await instances.want('unpaired', {})
    assert.deepEqual(await prometheus.statesUntil('WhatsAppInstancesUnpaired', 'firing'), ['pending', 'firing'])
    await operated.system.gateway.setState('unpaired', 'open')
    await prometheus.statesUntil('WhatsAppInstancesUnpaired', undefined)
  })

  test('what is to admit a Deployment does not answer', async () => {
    const { plane, namespace } = operated
    await plane.apply([deadWebhook(namespace)])
    // What was made before the API server knows of the webhook is made no more.
    const removing = () => plane.kubectl(['delete', 'deployments', '--all', '--namespace', namespace])
    await whileRepeating(removing, async () => {
      await prometheus.statesUntil('WhatsAppReconcilesFail', 'firing')
    })
    await plane.kubectl(['delete', 'validatingwebhookconfiguration', namespace])
    await prometheus.statesUntil('WhatsAppReconcilesFail', undefined)
  })

  test('somebody else holds the Lease', async () => {
    const ended = operated.operator().exited
    const lease = ['lease', LEASE, '--namespace', operated.namespace]
    const spec = { holderIdentity: 'somebody else', leaseDurationSeconds: 3600 }
    await operated.plane.kubectl(['patch', ...lease, '--type=merge', '--patch', JSON.stringify({ spec })])
    assert.equal((await ended).code, 1)
    await operated.restartOperator()
    assert.deepEqual(await prometheus.statesUntil('WhatsAppOperatorWithoutLeader', 'firing'), ['pending', 'firing'])
    await operated.plane.kubectl(['delete', ...lease])
    await prometheus.statesUntil('WhatsAppOperatorWithoutLeader', undefined)
  })

  test('the API server says nothing', { skip: whyNotEveryAlert() }, async () => {
    // One that leads ends without it.
    await operated.restartOperator({ LEADER_ELECTION: 'false' })
    await operated.plane.restartApiServer(async () => {
      await prometheus.statesUntil('WhatsAppOperatorCacheSilent', 'firing', SILENCE_MS)
    })
    await prometheus.statesUntil('WhatsAppOperatorCacheSilent', undefined)
    await prometheus.statesUntil('WhatsAppReconcilesFail', undefined)
  })

  test('nothing else has fired', async () => {
    assert.deepEqual(await prometheus.firing(), [])
  })
})

/** Of those that a cluster may have: without an answer nothing is admitted in this namespace. */
function deadWebhook(namespace: string): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: namespace },
    webhooks: [
      {
        name: 'dead.example.com',
        clientConfig: { url: NOWHERE },
        rules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 1,
      },
    ],
  }
}
