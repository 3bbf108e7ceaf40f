import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { crds } from '@whatsapp-sender/infra'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { foreignDefinitions } from '../../../tests/kubernetes/foreign-definitions.ts'
import { startOwnControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import { loadConfig } from '../src/config.ts'
import { kubeconfigCredentials } from '../src/kubernetes/credentials.ts'
import { createService } from '../src/service.ts'
import { openCluster, until } from './support/operator-cluster.ts'

const API_VERSION = 'whatsappsender.io/v1alpha1'

describe('a cluster without the operators of Kafka and MongoDB', { skip: whyNoKubernetes() }, () => {
  test('makes a WhatsAppSender that wants them say which kind is missing, until it is defined', async (t) => {
    const { plane, cluster } = await openCluster(await startOwnControlPlane(t))
    await plane.define(crds())
    const namespace = await plane.createNamespace()
    const config = loadConfig({ WATCH_NAMESPACE: namespace, METRICS_PORT: '0', RESYNC_SECONDS: '10' })
    const logger = createLogger({ service: 'operator', level: 'silent' })
    const service = createService(config, { logger, readCredentials: kubeconfigCredentials(plane.kubeconfig) })
    await service.start()
    t.after(async () => {
      await service.stop()
      await cluster.close()
    })
    const metadata = { name: 'wa', namespace }
    const spec = { evolution: { mode: 'sandbox' } }
    await plane.apply([{ apiVersion: API_VERSION, kind: 'WhatsAppSender', metadata, spec }])
    const stalled = async () => {
      const sender = await cluster.read({ apiVersion: API_VERSION, kind: 'WhatsAppSender', name: 'wa', namespace })
      const conditions: Record<'type' | 'status' | 'reason' | 'message', string>[] =
        Object(sender?.['status']).conditions ?? []
      return conditions.find(({ type }) => type === 'Stalled')
    }
    await until('stalled', async () => (await stalled())?.status === 'True')
    const said = await stalled()
    assert.equal(said?.reason, 'KindMissing')
    assert.match(said.message, /MongoDBCommunity.*CustomResourceDefinition/)
    await plane.define(await foreignDefinitions())
    await until('goes on', async () => (await stalled())?.status === 'False')
  })
})
