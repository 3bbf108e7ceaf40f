import { randomBytes } from 'node:crypto'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { nodeEnvironment, nodeFlagsOf } from '@whatsapp-sender/sandbox/process/node-command'
import { startReadyProcess } from '@whatsapp-sender/sandbox/process/ready-process'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { crds } from '../../infra/src/schema/crds.ts'
import { type Cluster, createCluster } from '../../services/operator/src/kubernetes/cluster.ts'
import { kubeconfigCredentials } from '../../services/operator/src/kubernetes/credentials.ts'
import { createSenderNamespace } from '../../services/operator/tests/support/sender-namespace.ts'
import { type ControlPlane, startControlPlane } from '../../tests/support/kubernetes.ts'
import { answersOk } from '../system/programs.ts'
import { auditPolicy, type Request, readAuditLog } from './audit-log.ts'

const NAMESPACE = 'bench'
const MAIN = 'services/operator/src/main.ts'
const OPERATORS = ['first', 'second'] as const

/** A new control plane that keeps an audit log, with a namespace in which up to two operators run. */
export type OperatorWorld = Readonly<{
  plane: ControlPlane
  cluster: Cluster
  sender: ReturnType<typeof createSenderNamespace>
  /** As a process of its own that logs in as itself. */
  startOperator(name: (typeof OPERATORS)[number]): Promise<RunningProcess>
  /** All that operators have asked since `from`, or that one of them has. */
  requests(from: Date, name?: (typeof OPERATORS)[number]): Promise<readonly Request[]>
}>

export async function openOperatorWorld(cleanups: AsyncDisposableStack): Promise<OperatorWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'operator-bench-'))
  cleanups.defer(() => rm(directory, { recursive: true, force: true }))
  const [policy, log] = [join(directory, 'policy.json'), join(directory, 'audit.log')]
  await writeFile(policy, JSON.stringify(auditPolicy(NAMESPACE, OPERATORS)))
  await writeFile(log, '')
  process.env['KUBE_APISERVER_FLAGS'] = `--audit-policy-file=${policy} --audit-log-path=${log}`
  const plane = await startControlPlane()
  const cluster = createCluster({ readCredentials: kubeconfigCredentials(plane.kubeconfig) })
  cleanups.defer(() => cluster.close())
  await plane.define(crds())
  await plane.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }])

  async function credentialsOf(name: string): Promise<string> {
    const file = join(directory, `${name}.kubeconfig`)
    await plane.kubectl(['create', 'serviceaccount', name, '--namespace', NAMESPACE])
    const account = `--serviceaccount=${NAMESPACE}:${name}`
    await plane.kubectl(['create', 'clusterrolebinding', name, '--clusterrole=cluster-admin', account])
    const token = await plane.kubectl(['create', 'token', name, '--namespace', NAMESPACE, '--duration=24h'])
    await copyFile(plane.kubeconfig, file)
    const env = { KUBECONFIG: file }
    await plane.kubectl(['config', 'set-credentials', name, `--token=${token.trim()}`], { env })
    await plane.kubectl(['config', 'set-context', '--current', `--user=${name}`], { env })
    return file
  }
  const kubeconfigs = new Map<string, string>()
  for (const name of OPERATORS) kubeconfigs.set(name, await credentialsOf(name))

  return {
    plane,
    cluster,
    sender: createSenderNamespace(plane, cluster, NAMESPACE),
    startOperator: async (name) => {
      const metricsPort = await findFreePort()
      const env = {
        PATH: process.env['PATH'] ?? '',
        KUBECONFIG: kubeconfigs.get(name) ?? '',
        POD_NAMESPACE: NAMESPACE,
        POD_NAME: name,
        METRICS_PORT: String(metricsPort),
        RESYNC_SECONDS: '30',
      }
      const running = await startReadyProcess({
        name,
        command: { file: process.execPath, args: [...nodeFlagsOf(MAIN), MAIN], env: nodeEnvironment(env) },
        logFile: join(directory, `${name}-${randomBytes(2).toString('hex')}.log`),
        stopTimeoutMs: 30_000,
        readyTimeoutMs: 60_000,
        isReady: () => answersOk(`http://127.0.0.1:${metricsPort}/readyz`),
      })
      cleanups.defer(async () => void (await running.stop()))
      return running
    },
    requests: async (from, name) => {
      const all = await readAuditLog(log)
      return all.filter(({ user, at }) => at >= from && (name === undefined || user.endsWith(`:${name}`)))
    },
  }
}
