import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { crds } from '@whatsapp-sender/infra'
import { PRESETS } from '../../../infra/src/presets.ts'
import { foreignDefinitions } from '../../../tests/kubernetes/foreign-definitions.ts'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { openCluster, runOperator, until } from './support/operator-cluster.ts'
import { createSenderNamespace } from './support/sender-namespace.ts'

/** The controllers of the cluster write what they see of a change some moments after it. */
const RESTS_MS = 3000

describe('an operator that begins to lead', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    await plane.define([...crds(), ...(await foreignDefinitions())])
  })
  after(() => cluster.close())

  for (const [preset, spec] of Object.entries(PRESETS)) {
    test(`applies all of the preset ${preset} again, and changes nothing by it`, async (t) => {
      const namespace = await plane.createNamespace()
      const sender = createSenderNamespace(plane, cluster, namespace)
      const first = await runOperator(t, { plane, namespace })
      await sender.want(spec)
      await until('judged', async () => (await sender.condition('KafkaReady')).status === 'False')
      const before = await atRest(namespace)
      const next = await runOperator(t, { plane, namespace })
      await first.stop()
      const { inventory } = await sender.status()
      await until('all is applied again', async () => (await applies(next)) >= inventory.length)
      assert.equal(await atRest(namespace), before)
    })
  }

  /** The versions of all objects of a namespace once they stay the same; but of Leases and Events, which tell of time. */
  async function atRest(namespace: string): Promise<string> {
    const kinds = (await plane.kubectl(['api-resources', '--verbs=list', '--namespaced', '--output=name']))
      .split('\n')
      .filter((kind) => kind !== '' && !/^(events|leases)\b/.test(kind))
      .join(',')
    let last = ''
    let since = 0
    await until('nothing moves', async () => {
      const now = await list(namespace, kinds)
      if (now !== last) since = performance.now()
      last = now
      return performance.now() - since > RESTS_MS
    })
    return last
  }

  async function applies({ metricsAddress }: Awaited<ReturnType<typeof runOperator>>): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${metricsAddress().port}/metrics`)).text()
    return Number(/^whatsapp_operator_applies_total\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0)
  }

  function list(namespace: string, kinds: string): Promise<string> {
    const columns = 'custom-columns=:kind,:metadata.name,:metadata.resourceVersion'
    return plane.kubectl(['get', kinds, '--namespace', namespace, '--no-headers', '--output', columns])
  }
})
