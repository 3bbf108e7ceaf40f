import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { nodeFlagsOf } from '@whatsapp-sender/sandbox/process/node-command'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import { createSenderNamespace } from '../../services/operator/tests/support/sender-namespace.ts'
import type { Options } from '../options.ts'
import { type Installation, install } from '../system/installation.ts'
import { memoryOf } from '../system/process-usage.ts'
import { answersOk, startApi, startConsumer, startGateway, startProgram } from '../system/programs.ts'
import type { OperatorWorld } from './operator-world.ts'

const NAMESPACE = 'many'
const SENDER = 'wa'
const ACCOUNT = 'operator'
const INSTANCES = 1000
const READY_MS_MAX = 600_000
/** In which each instance is looked at again, so that the memory is that of a process which has run for a while. */
const REST_MS = 60_000
const BYTES_OF_MIB = 1_048_576

const Resource = z.looseObject({
  status: z.looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })) }).optional(),
})
const Kubeconfig = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }),
  ]),
})

/** What the operator holds in memory that keeps so many instances at a real API, each connected to the sandbox. */
export async function measureInstances(
  world: OperatorWorld,
  { options, cleanups }: Readonly<{ options: Options; cleanups: AsyncDisposableStack }>,
): Promise<Readonly<Record<string, unknown>>> {
  const count = options.rows ?? (options.isQuick ? 50 : INSTANCES)
  const installation = await install(options, { cleanups, partitions: 6 })
  installation.machine.unpin(process.pid)
  const stopAtEnd = (program: RunningProcess) => cleanups.defer(async () => void (await program.stop()))
  stopAtEnd(await startGateway(installation))
  stopAtEnd(await startConsumer(installation))
  const token = randomBytes(32).toString('base64url')
  const api = await startApi(installation, { OPERATOR_TOKEN: token })
  stopAtEnd(api)
  await declareSender(world, token)
  const operator = await startOperatorInPod(world, installation, api.url)
  stopAtEnd(operator)

  await declareInstances(world, count)
  const declaredAt = performance.now()
  await until('all are connected', async () => ((await connected(world)) === count ? true : undefined), {
    timeoutMs: READY_MS_MAX,
    everyMs: 1000,
  })
  const connectedMs = Math.round(performance.now() - declaredAt)
  await wait(REST_MS)
  const memory = memoryOf(operator.pid)
  return {
    instances: count,
    instancesConnectedMs: connectedMs,
    operatorRssMb: memory && megabytes(memory.nowMib),
    operatorRssPeakMb: memory && megabytes(memory.peakMib),
    operatorRssMbGoal: 120,
  }
}

async function declareSender({ plane, cluster }: OperatorWorld, token: string): Promise<void> {
  await plane.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }])
  const sender = createSenderNamespace(plane, cluster, NAMESPACE)
  await sender.giveSecret('mongo', { 'connectionString.standard': 'mongodb://mongo' })
  const keys = { JWT_SECRET: 'x', SECRET_KEY: 'x', ADMIN_PASSWORD: 'x', OPERATOR_TOKEN: token }
  await sender.giveSecret(`${SENDER}-keys`, keys)
  await sender.want({
    kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
    mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
    evolution: { mode: 'sandbox' },
  })
}

async function declareInstances({ plane }: OperatorWorld, count: number): Promise<void> {
  const instances = Array.from({ length: count }, (_, index) => ({
    apiVersion: 'whatsappsender.io/v1alpha1',
    kind: 'WhatsAppInstance',
    metadata: { name: `instance-${index}`, namespace: NAMESPACE },
    spec: { senderName: SENDER, pace: { perMinute: 20, burst: 3, perDay: 400, timeZone: 'America/Sao_Paulo' } },
  }))
  await plane.apply(instances)
}

async function connected({ cluster }: OperatorWorld): Promise<number> {
  const selection = { apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppInstance', namespace: NAMESPACE }
  const resources = (await cluster.list(selection)).map((resource) => Resource.parse(resource))
  return resources.filter(({ status }) =>
    ['Ready', 'Connected'].every((wanted) =>
      status?.conditions.some(({ type, status: is }) => type === wanted && is === 'True'),
    ),
  ).length
}

/** With the files that the kubelet would give its pod. */
async function startOperatorInPod(
  { plane }: OperatorWorld,
  installation: Installation,
  apiUrl: string,
): Promise<RunningProcess> {
  const place = ['--namespace', NAMESPACE]
  await plane.kubectl(['create', 'serviceaccount', ACCOUNT, ...place])
  const binding = [`${NAMESPACE}-${ACCOUNT}`, '--clusterrole=cluster-admin', `--serviceaccount=${NAMESPACE}:${ACCOUNT}`]
  await plane.kubectl(['create', 'clusterrolebinding', ...binding])
  const token = await plane.kubectl(['create', 'token', ACCOUNT, ...place, '--duration=24h'])
  const { clusters } = Kubeconfig.parse(
    JSON.parse(await plane.kubectl(['config', 'view', '--raw', '--flatten', '--output=json'])),
  )
  const [{ cluster }] = clusters
  const directory = join(installation.directory, 'serviceaccount')
  await mkdir(directory)
  await writeFile(join(directory, 'token'), token)
  await writeFile(join(directory, 'ca.crt'), Buffer.from(cluster['certificate-authority-data'], 'base64'))
  const server = new URL(cluster.server)
  const metricsPort = await findFreePort()
  return await startProgram(installation, {
    name: 'operator',
    role: 'system',
    args: ['bench/main.ts', 'operator-in-pod', directory],
    flags: nodeFlagsOf('services/operator/src/main.ts'),
    env: {
      PATH: installation.env['PATH'] ?? '',
      NODE_ENV: 'production',
      KUBERNETES_SERVICE_HOST: server.hostname,
      KUBERNETES_SERVICE_PORT: server.port,
      POD_NAMESPACE: NAMESPACE,
      POD_NAME: 'operator-0',
      METRICS_PORT: String(metricsPort),
      API_URL: apiUrl,
    },
    isReady: () => answersOk(`http://127.0.0.1:${metricsPort}/readyz`),
  })
}

function megabytes(mib: number): number {
  return Math.round((mib * BYTES_OF_MIB) / 1_000_000)
}
