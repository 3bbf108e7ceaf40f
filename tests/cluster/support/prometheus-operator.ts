import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from '../../containers/container-tools.ts'
import { binaryPath, type KubernetesBinary } from '../../support/kubernetes.ts'
import { makeProgramImage } from '../images/program-image.ts'
import { applyRelease } from './foreign-operator.ts'
import type { Node } from './node.ts'

const TAG = 'built'
const NAME = 'proof'
const MONITORING = 'monitoring.coreos.com/v1'
const RIGHTS = 'rbac.authorization.k8s.io'
/** What the Prometheus below looks for, as the one of kube-prometheus-stack looks for `release`. */
export const MONITORED = { release: NAME }

/** Where a Prometheus answers that the operator has made, for the monitors and rules with these labels. */
export type OperatedPrometheus = Readonly<{ url: string; version: string }>

/** The Prometheus operator as its release installs it, of programs that were built here, and one Prometheus of Debian. */
export async function installPrometheus(node: Node, folder: string): Promise<OperatedPrometheus> {
  const imageOf = (program: string) => `localhost/${program}:${TAG}`
  const make = (name: KubernetesBinary, place: string) =>
    makeProgramImage({ image: imageOf(name), program: binaryPath(name) ?? '', place, folder })
  const archives = [
    make('prometheus-operator', 'prometheus-operator'),
    make('prometheus-config-reloader', 'bin/prometheus-config-reloader'),
    // The operator mounts the data as /prometheus.
    make('prometheus', 'bin/prometheus'),
  ]
  await node.addImages(await Promise.all(archives))
  const bundle = await readFile(join(binaryPath('prometheus-operator-manifests') ?? '', 'bundle.yaml'), 'utf8')
  await applyRelease(node, bundle, {
    'quay.io/prometheus-operator/prometheus-operator': imageOf('prometheus-operator'),
    'quay.io/prometheus-operator/prometheus-config-reloader': imageOf('prometheus-config-reloader'),
  })
  const namespace = await node.createNamespace()
  const version = await versionOf(binaryPath('prometheus') ?? '')
  await node.apply([...rightsIn(namespace), prometheusIn(namespace, { version, image: imageOf('prometheus') })])
  const query = ['wait', `prometheus/${NAME}`, '--namespace', namespace, '--for=condition=Available']
  await node.kubectl([...query, '--timeout=240s'], { timeoutMs: 270_000 })
  const pod = ['get', `pod/prometheus-${NAME}-0`, '--namespace', namespace, '--output', 'jsonpath={.status.podIP}']
  return { url: `http://${await node.kubectl(pod)}:9090`, version }
}

async function versionOf(program: string): Promise<string> {
  const version = /version (\d+\.\d+\.\d+)/.exec(await runOrThrow(program, ['--version']))?.[1]
  if (version === undefined) throw new Error(`${program} does not say which version it is`)
  return version
}

/** To find the pods. */
function rightsIn(namespace: string): readonly object[] {
  const metadata = { name: NAME, namespace }
  const clusterWide = { name: `${NAME}-${namespace}` }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${RIGHTS}/v1`,
      kind: 'ClusterRole',
      metadata: clusterWide,
      rules: [
        { apiGroups: [''], resources: ['pods', 'services', 'endpoints'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    {
      apiVersion: `${RIGHTS}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: clusterWide,
      roleRef: { apiGroup: RIGHTS, kind: 'ClusterRole', name: clusterWide.name },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  ]
}

function prometheusIn(namespace: string, { version, image }: Readonly<{ version: string; image: string }>): object {
  const selector = { matchLabels: MONITORED }
  const everywhere = {}
  return {
    apiVersion: MONITORING,
    kind: 'Prometheus',
    metadata: { name: NAME, namespace },
    spec: {
      image,
      version: `v${version}`,
      imagePullPolicy: 'IfNotPresent',
      replicas: 1,
      serviceAccountName: NAME,
      evaluationInterval: '5s',
      podMonitorSelector: selector,
      podMonitorNamespaceSelector: everywhere,
      serviceMonitorSelector: selector,
      serviceMonitorNamespaceSelector: everywhere,
      ruleSelector: selector,
      ruleNamespaceSelector: everywhere,
      securityContext: { runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true, fsGroup: 65532 },
      resources: { requests: { cpu: '20m', memory: '128Mi' } },
    },
  }
}
