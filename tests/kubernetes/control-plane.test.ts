import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { type ControlPlane, KubernetesToolError, startControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'

suite('the Kubernetes that tests run on', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let namespace: string
  before(async () => {
    plane = await startControlPlane()
    namespace = await plane.createNamespace({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  })

  test('refuses a pod that Pod Security forbids, and says why', async () => {
    const container = { name: 'app', image: 'localhost/app:1', securityContext: { privileged: true } }
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app', namespace },
      spec: { containers: [container] },
    }
    await assert.rejects(plane.apply([pod], ['--dry-run=server']), (error: unknown) => {
      assert.ok(error instanceof KubernetesToolError)
      assert.match(error.stderr, /violates PodSecurity "restricted:latest": privileged/)
      return true
    })
  })

  test('has, after its API server was away, what it had before', async () => {
    const metadata = { name: 'kept', namespace }
    await plane.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { answer: '42' } }])
    await plane.restartApiServer(async () => {
      await assert.rejects(plane.kubectl(['get', '--raw', '/readyz', '--request-timeout=2s']))
    })
    const answer = await plane.kubectl(['get', 'configmap', 'kept', '-n', namespace, '-o', 'jsonpath={.data.answer}'])
    assert.equal(answer, '42')
  })
})
