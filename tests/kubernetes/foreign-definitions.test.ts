import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { type ControlPlane, startControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'
import { foreignDefinitions } from './foreign-definitions.ts'

suite('resources of other operators', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  before(async () => {
    plane = await startControlPlane()
  })

  test('are served as their own projects define them', async () => {
    await plane.define(await foreignDefinitions())
    const served = await plane.kubectl(['api-resources', '--output=name'])
    const kinds = ['kafkas.kafka.strimzi.io', 'mongodbcommunity.mongodbcommunity.mongodb.com', 'scaledobjects.keda.sh']
    const missing = [...kinds, 'podmonitors.monitoring.coreos.com', 'grafanadashboards.grafana.integreatly.org'].filter(
      (name) => !served.split('\n').includes(name),
    )
    assert.deepEqual(missing, [])
  })
})
