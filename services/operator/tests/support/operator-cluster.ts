import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { type ControlPlane, startControlPlane } from '../../../../tests/support/kubernetes.ts'
import { loadConfig } from '../../src/config.ts'
import { type Cluster, createCluster } from '../../src/kubernetes/cluster.ts'
import { kubeconfigCredentials } from '../../src/kubernetes/credentials.ts'
import { createService } from '../../src/service.ts'

/** A control plane, the shared one if none is given, with the operator's own access to it as administrator. */
export async function openCluster(own?: ControlPlane): Promise<Readonly<{ plane: ControlPlane; cluster: Cluster }>> {
  const plane = own ?? (await startControlPlane())
  return { plane, cluster: createCluster({ readCredentials: kubeconfigCredentials(plane.kubeconfig) }) }
}

/** The whole operator in this process for one namespace, as administrator, until the test ends. */
export async function runOperator(
  t: Readonly<{ after(end: () => Promise<void>): void }>,
  { plane, namespace, env = {} }: Readonly<{ plane: ControlPlane; namespace: string; env?: NodeJS.ProcessEnv }>,
) {
  const config = loadConfig({ WATCH_NAMESPACE: namespace, METRICS_PORT: '0', RESYNC_SECONDS: '10', ...env })
  const logger = createLogger({ service: 'operator', level: 'silent' })
  const service = createService(config, { logger, readCredentials: kubeconfigCredentials(plane.kubeconfig) })
  await service.start()
  t.after(service.stop)
  return service
}

/** Until it is so; what is thrown meanwhile counts as not yet. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  let last: unknown
  while (performance.now() < deadline) {
    try {
      if (await isTrue()) return
      last = undefined
    } catch (error) {
      last = error
    }
    await sleep(50)
  }
  assert.fail(`${what}: not within ${timeoutMs} ms${last instanceof Error ? `, ${last.message}` : ''}`)
}

export function configMap(namespace: string, name: string, data: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { ...data } }
}
