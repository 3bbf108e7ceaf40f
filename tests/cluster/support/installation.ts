import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { startReadyProcess } from '@whatsapp-sender/sandbox/process/ready-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { openStore, type Store } from '@whatsapp-sender/store'
import { type Client, clientOf } from '../../support/client.ts'
import { type Gateway, gatewayAt } from '../../support/gateway.ts'
import { binaryPath } from '../../support/kubernetes.ts'
import { imageName, makeImages } from '../images/make-images.ts'
import { type Node, startNode } from './node.ts'
import { type Pods, podsOf } from './pods.ts'
import { type Servers, startServers } from './servers.ts'
import type { Teardown } from './teardown.ts'

const CHART = join(repositoryRoot, 'charts/whatsapp-sender')
const ADMIN = 'admin@example.com'
export const DATABASE = 'cluster'
const MONGO_SECRET = 'mongo'
const MONGO_KEY = 'connectionString.standard'
const FIRST_TAG = '0.1.0'
export const NEXT_TAG = '0.1.1'
/** What gets a new version. */
const ROLLED_OUT = ['api', 'consumer']
/** So soon the operator sees what no watch tells it. */
const RESYNC_SECONDS = 10

/** The product as its chart installs it, on one node. */
export type Installation = Readonly<{
  node: Node
  namespace: string
  pods: Pods
  /** Of the Service of the API, as other pods and this machine reach it. */
  apiUrl: string
  anonymous: Client
  /** The administrator, with a new token: each ends after a quarter of an hour. */
  signIn(): Promise<Client>
  servers: Servers
  /** What the chart has made of its values. */
  specOf(): Promise<SenderSpec>
  gateway: Gateway
  store: Store
  /** What the chart is given, merged into what it was given before. */
  upgrade(sender: object, operator?: object): Promise<void>
  /** The database under another connection string, which means the same. */
  rotateMongo(): Promise<void>
  secret(name: string, key: string): Promise<string>
}>

type SenderSpec = Readonly<{ api: object; consumer: object; kafka: Readonly<{ external?: object }> }>

/** Kafka and MongoDB on this machine, everything else in pods; `teardown` takes what has to be stopped, the last first. */
export async function install(
  teardown: Teardown,
  { tell }: Readonly<{ tell(what: string): void }>,
): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'whatsapp-sender-cluster-'))
  teardown.push(() => rm(folder, { recursive: true, force: true }))
  const timed = timing(tell)
  const targets = ['api', 'consumer', 'operator', 'topics', 'sandbox']
  const images = await timed('images made', () => makeImages(targets, [FIRST_TAG, NEXT_TAG]))
  for (const { target, megabytes, appMegabytes } of images.filter(({ tag }) => tag === FIRST_TAG)) {
    tell(`image ${target}: ${megabytes} MB, ${appMegabytes} MB beside Node.js and its libraries`)
  }
  const node = await timed('node started', startNode)
  teardown.push(node.stop)
  const wanted = images.filter(({ target, tag }) => tag === FIRST_TAG || ROLLED_OUT.includes(target))
  await timed('images imported', () => node.addImages(wanted.map(({ file }) => file)))
  const servers = await timed('Kafka and MongoDB started', () => startServers(teardown, folder))
  const { kafka, mongoUrl } = servers

  const namespace = await node.createNamespace({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  teardown.push(() => node.kubectl(['delete', 'namespace', namespace, '--wait=false']))
  const giveMongo = (url: string) =>
    node.apply([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: MONGO_SECRET, namespace },
        stringData: { [MONGO_KEY]: url },
      },
    ])
  await giveMongo(mongoUrl)
  const values = join(folder, 'values.json')
  const helm = async (verb: string, content: object) => {
    await writeFile(values, JSON.stringify(content))
    await node.helm([verb, 'wa', CHART, '--namespace', namespace, '--values', values, '--wait', '--timeout', '5m'], {
      timeoutMs: 330_000,
    })
  }
  const first = firstValues(kafka)
  await timed('helm install --wait', () => helm('install', first))
  await timed('Ready', () => untilReady(node, namespace))

  const secret = async (name: string, key: string) => {
    const data = await node.kubectl(['get', 'secret', name, '--namespace', namespace, '--output', `json`])
    const content: { data: Record<string, string> } = JSON.parse(data)
    return Buffer.from(content.data[key] ?? '', 'base64').toString()
  }
  const store = await openStore({
    url: mongoUrl,
    database: DATABASE,
    appName: 'test',
    secretKey: await secret('wa-keys', 'SECRET_KEY'),
  })
  teardown.push(() => store.close())
  const address = (service: string) =>
    node.kubectl(['get', 'service', service, '--namespace', namespace, '--output', 'jsonpath={.spec.clusterIP}'])
  const apiUrl = `http://${await address('wa-api')}`
  const anonymous = clientOf(apiUrl)
  const password = await secret('wa-keys', 'ADMIN_PASSWORD')
  const signIn = () =>
    until('the administrator signs in', () => anonymous.login(ADMIN, password).catch(() => undefined))
  await signIn()
  let rotations = 0
  let given = first
  return {
    node,
    namespace,
    pods: podsOf(node, namespace),
    apiUrl,
    anonymous,
    signIn,
    servers,
    async specOf() {
      const query = ['get', 'whatsappsender/wa', '--namespace', namespace, '--output', 'json']
      const { spec }: { spec: SenderSpec } = JSON.parse(await node.kubectl(query))
      return spec
    },
    gateway: gatewayAt(await forwardPort(teardown, node, { namespace, log: join(folder, 'port-forward.log') })),
    store,
    async upgrade(sender, operator = {}) {
      given = {
        ...given,
        sender: { ...given.sender, ...sender },
        operator: { ...given.operator, ...operator },
      }
      await helm('upgrade', given)
    },
    async rotateMongo() {
      rotations += 1
      await giveMongo(`${mongoUrl}&appName=rotated-${rotations}`)
    },
    secret,
  }
}

function timing(tell: (what: string) => void) {
  return async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    const result = await act()
    tell(`${what} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
    return result
  }
}

/** Small requests: one node holds everything, twice during a rollout. */
function firstValues(bootstrapServer: string) {
  const resources = { requests: { cpu: '20m', memory: '128Mi' } }
  const image = (target: string) => imageName(target, FIRST_TAG)
  return {
    sender: {
      images: { pullPolicy: 'Never' },
      api: { image: image('api'), replicas: 2, adminEmail: ADMIN, resources },
      consumer: { image: image('consumer'), replicas: 1, resources },
      kafka: {
        mode: 'external',
        partitions: 6,
        external: { bootstrapServers: [bootstrapServer], createTopics: true, topicsImage: image('topics') },
      },
      mongodb: {
        mode: 'external',
        database: DATABASE,
        external: { uriSecretRef: { name: MONGO_SECRET, key: MONGO_KEY } },
      },
      evolution: { mode: 'sandbox', sandbox: { image: image('sandbox'), resources } },
      settings: { PACE_DEFAULT_PER_MINUTE: '0', KAFKA_SESSION_TIMEOUT_MS: '10000', AMBIGUOUS_SETTLE_MS: '2000' },
    },
    operator: {
      image: image('operator'),
      imagePullPolicy: 'Never',
      replicas: 2,
      resyncSeconds: RESYNC_SECONDS,
    },
    test: { image: image('api') },
  }
}

async function untilReady({ kubectl }: Node, namespace: string): Promise<void> {
  const query = ['wait', 'whatsappsender/wa', '--namespace', namespace, '--for=condition=Ready', '--timeout=300s']
  await kubectl(query, { timeoutMs: 330_000 })
}

/** The sandbox answers to its own names and to this machine's loopback address. */
async function forwardPort(
  teardown: Teardown,
  { env }: Node,
  { namespace, log }: Readonly<{ namespace: string; log: string }>,
): Promise<string> {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const args = ['port-forward', '--namespace', namespace, 'service/wa-sandbox', `${port}:8080`]
  const forwarding = await startReadyProcess({
    name: 'kubectl port-forward',
    command: { file: binaryPath('kubectl') ?? 'kubectl', args, env: { ...process.env, ...env } },
    logFile: log,
    stopTimeoutMs: 10_000,
    readyTimeoutMs: 60_000,
    isReady: () =>
      fetch(`${url}/sandbox/stats`).then(
        ({ ok }) => ok,
        () => false,
      ),
  })
  teardown.push(forwarding.stop)
  return url
}
