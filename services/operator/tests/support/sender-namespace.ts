import assert from 'node:assert/strict'
import type { ControlPlane } from '../../../../tests/support/kubernetes.ts'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import type { KubernetesObject } from '../../src/kubernetes/kubernetes-object.ts'

const API_VERSION = 'whatsappsender.io/v1alpha1'
const VERSIONS: Readonly<Record<string, string>> = {
  ConfigMap: 'v1',
  Deployment: 'apps/v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
  Ingress: 'networking.k8s.io/v1',
  Kafka: 'kafka.strimzi.io/v1',
  KafkaNodePool: 'kafka.strimzi.io/v1',
  KafkaTopic: 'kafka.strimzi.io/v1',
  KafkaUser: 'kafka.strimzi.io/v1',
  MongoDBCommunity: 'mongodbcommunity.mongodb.com/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  PodMonitor: 'monitoring.coreos.com/v1',
  ServiceMonitor: 'monitoring.coreos.com/v1',
  ScaledObject: 'keda.sh/v1alpha1',
  TriggerAuthentication: 'keda.sh/v1alpha1',
  WhatsAppSender: API_VERSION,
}

export type Said = Readonly<{ status: string; reason: string; message: string }>

/** The WhatsAppSender `wa` of one namespace, and what is made of it. */
export function createSenderNamespace(plane: ControlPlane, cluster: Cluster, namespace: string) {
  const versionOf = (kind: string) => VERSIONS[kind] ?? 'v1'

  async function find(kind: string, name: string) {
    return cluster.read({ apiVersion: versionOf(kind), kind, name, namespace })
  }

  async function read(kind: string, name: string): Promise<KubernetesObject> {
    const found = await find(kind, name)
    assert.ok(found, `${kind} ${name} is not there`)
    return found
  }

  async function status() {
    return Object((await read('WhatsAppSender', 'wa'))['status'])
  }

  function all(kind: string): Promise<readonly KubernetesObject[]> {
    return cluster.list({ apiVersion: versionOf(kind), kind, namespace })
  }

  return {
    namespace,
    find,
    read,
    all,
    status,
    /** As somebody who applies it again and again. */
    want: (spec: object, annotations: Readonly<Record<string, string>> = {}): Promise<string> => {
      const metadata = { name: 'wa', namespace, annotations }
      return plane.apply([{ apiVersion: API_VERSION, kind: 'WhatsAppSender', metadata, spec }])
    },
    giveSecret: (name: string, stringData: Readonly<Record<string, string>>): Promise<string> =>
      plane.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }]),
    condition: async (type: string): Promise<Said> => {
      const conditions: (Said & { type: string })[] = (await status()).conditions ?? []
      return conditions.find((one) => one.type === type) ?? { status: 'none', reason: '', message: '' }
    },
    /** There is no node: what its kubelet would say of pods that work. */
    playKubelet: async (): Promise<void> => {
      const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, '')
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }]
      for (const pod of await all('Pod')) {
        if (Object(pod['status']).phase === 'Running') continue
        await cluster.applyStatus(statusOf(pod, { phase: 'Running', conditions }))
      }
    },
    /** As the operator of a kind would. */
    say: async (kind: string, name: string, said: object): Promise<void> => {
      await cluster.applyStatus(statusOf(await read(kind, name), said))
    },
    versionsOfAll: async (): Promise<readonly string[]> => {
      const kinds = [
        'Deployment',
        'Service',
        'ServiceAccount',
        'Secret',
        'NetworkPolicy',
        'ConfigMap',
        'WhatsAppSender',
      ]
      const lists = await Promise.all(kinds.map(all))
      return lists.flat().map(({ kind, metadata }) => `${kind}/${metadata.name}@${metadata.resourceVersion}`)
    },
  }
}

function statusOf({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject, status: object) {
  return { apiVersion, kind, metadata: { name, namespace }, status }
}
