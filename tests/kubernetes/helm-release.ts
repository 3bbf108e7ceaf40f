import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { stringify } from 'yaml'
import { z } from 'zod'
import { createCluster } from '../../services/operator/src/kubernetes/cluster.ts'
import { kubeconfigCredentials } from '../../services/operator/src/kubernetes/credentials.ts'
import { KubernetesError } from '../../services/operator/src/kubernetes/kubernetes-error.ts'
import type { ControlPlane } from '../support/kubernetes.ts'
import { startProgram } from '../support/processes.ts'

export const CHART = join(repositoryRoot, 'charts/whatsapp-sender')
const API_VERSION = 'whatsappsender.io/v1alpha1'
const RELEASE = 'wa'
/** Other tests of the same machine slow the API server down. */
const REQUEST_TIMEOUT_MS = 60_000

/** A sender that needs nothing of other operators, and Kafka and MongoDB only once its pods run. */
export const VALUES = {
  sender: {
    api: { adminEmail: 'admin@example.com', replicas: 1 },
    consumer: { replicas: 1 },
    kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
    mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
    evolution: { mode: 'sandbox' },
  },
}

const PodSpec = z.object({
  containers: z.tuple([
    z.looseObject({
      args: z.array(z.string()).default([]),
      env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
    }),
  ]),
})
const Kubeconfig = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }),
  ]),
})
/** What a pod would run, with its environment but for what only a node knows. */
type Program = Readonly<{ args: readonly string[]; env: Readonly<Record<string, string>> }>

/** A release of the chart in a namespace of its own that takes only restricted pods. */
export async function createRelease(plane: ControlPlane, directory: string) {
  const namespace = await plane.createNamespace({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  const cluster = createCluster({
    readCredentials: kubeconfigCredentials(plane.kubeconfig),
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  })
  const place = ['--namespace', namespace]
  const stringData = { 'connectionString.standard': 'mongodb://mongo' }
  await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mongo', namespace }, stringData })

  /** helm with these values besides those of the chart, on its standard input. */
  const helm = (command: readonly string[], values?: object) => {
    const given = values === undefined ? [] : ['--values', '-']
    return plane.helm([...command, ...place, ...given], { input: values === undefined ? '' : stringify(values) })
  }

  async function read(kind: string, name: string, apiVersion: string) {
    return await cluster.read({ apiVersion, kind, name, namespace })
  }

  const pods = (component: string) => {
    const labelSelector = `app.kubernetes.io/component=${component}`
    return cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector })
  }

  /** What a pod of this ServiceAccount is given. */
  async function accessOf(serviceAccount: string) {
    const token = (await plane.kubectl(['create', 'token', serviceAccount, ...place, '--duration=1h'])).trim()
    const { clusters } = Kubeconfig.parse(
      JSON.parse(await plane.kubectl(['config', 'view', '--raw', '--flatten', '--output=json'])),
    )
    const [{ cluster: access }] = clusters
    const ca = Buffer.from(access['certificate-authority-data'], 'base64').toString()
    return { server: new URL(access.server), ca, token }
  }

  /** With the rights of this ServiceAccount and no other. */
  async function kubeconfigOf(serviceAccount: string): Promise<string> {
    const { server, ca, token } = await accessOf(serviceAccount)
    const access = { server: server.origin, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
    const file = join(directory, `${namespace}-${serviceAccount}.kubeconfig`)
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: access }],
      users: [{ name: serviceAccount, user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: serviceAccount } }],
      'current-context': 'test',
    }
    await writeFile(file, JSON.stringify(config), { mode: 0o600 })
    return file
  }

  /** The operator as its pod would run it, but as a process of this machine. */
  async function startOperator(): Promise<RunningProcess> {
    const deployment = await read('Deployment', `${RELEASE}-operator`, 'apps/v1')
    const { template } = z.looseObject({ template: z.object({ spec: z.unknown() }) }).parse(deployment?.['spec'])
    const { env } = programOf(template.spec)
    const port = await findFreePort()
    return await startProgram({
      name: `${namespace}-operator`,
      main: 'services/operator/src/main.ts',
      env: {
        ...env,
        HOST: '127.0.0.1',
        METRICS_PORT: String(port),
        POD_NAME: 'operator-0',
        POD_NAMESPACE: namespace,
        KUBECONFIG: await kubeconfigOf(`${RELEASE}-operator`),
      },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      logDir: directory,
    })
  }

  /** What the kubelet says of pods that work: there is no node. */
  async function playKubelet(phase: 'Running' | 'Succeeded' | 'Failed' = 'Running', component?: string): Promise<void> {
    const labelSelector = component === undefined ? undefined : `app.kubernetes.io/component=${component}`
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, '')
    const conditions = phase === 'Running' ? [{ type: 'Ready', status: 'True', lastTransitionTime }] : []
    for (const { apiVersion, kind, metadata, status } of await cluster.list({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace,
      labelSelector,
    })) {
      if (Object(status).phase !== 'Pending') continue
      const { name } = metadata
      const told = { apiVersion, kind, metadata: { name, namespace }, status: { phase, conditions } }
      await cluster.applyStatus(told).catch((error: unknown) => {
        // A pod that was replaced since it was listed.
        if (!(error instanceof KubernetesError && error.status === 404)) throw error
      })
    }
  }

  async function conditionOf(type: string): Promise<Readonly<{ status: string; message: string }>> {
    const sender = await read('WhatsAppSender', RELEASE, API_VERSION)
    const conditions: { type: string; status: string; message: string }[] = Object(sender?.['status']).conditions ?? []
    return conditions.find((one) => one.type === type) ?? { status: 'None', message: 'there is no such condition' }
  }

  async function untilReady(): Promise<void> {
    let last = ''
    await until('the sender is ready', async () => {
      await playKubelet()
      const { status, message } = await conditionOf('Ready')
      last = message
      return status === 'True' ? true : undefined
    }).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : ''}: ${last}`)
    })
  }

  return {
    name: RELEASE,
    namespace,
    cluster,
    install: (values: object = VALUES) => helm(['install', RELEASE, CHART], values),
    upgrade: (values: object) => helm(['upgrade', RELEASE, CHART], values),
    helm,
    read,
    pods,
    accessOf,
    startOperator,
    playKubelet,
    untilReady,
  }
}

export type Release = Awaited<ReturnType<typeof createRelease>>

/** @param spec of a pod with one container */
export function programOf(spec: unknown): Program {
  const [{ args, env }] = PodSpec.parse(spec).containers
  return {
    args,
    env: Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
  }
}
