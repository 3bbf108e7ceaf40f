import { k8s } from './cdk8s.ts'
import { hashOf } from './hash-of.ts'
import { type Component, childName, metadataOf, type Rendering, selectorOf } from './rendering.ts'
import type { SecretKey } from './secret-digest.ts'
import type { SecretFile } from './secret-files.ts'
import type { Resources } from './spec/values.ts'
import { versionLabelOf } from './version-label.ts'

/** Ours; on the safe side of what linters call a high user. */
const USER = 10_001
const SECRETS_DIR = '/etc/whatsapp-sender/secrets'
const FOLDERS_DIR = '/etc/whatsapp-sender/secret-folders'
const REVISIONS_KEPT = 3
const JOB_GRACE_SECONDS = 10

export type ContainerPart = Readonly<{
  image: string
  /** In place of what the image runs. */
  args?: readonly string[]
  env: Readonly<Record<string, string>>
  envFrom?: readonly k8s.EnvFromSource[]
  secrets: readonly SecretFile[]
  resources: Resources
  ports: Readonly<Record<string, number>>
  /** None: it runs to an end. */
  probes?: Readonly<{ startup: k8s.Probe; liveness: k8s.Probe; readiness: k8s.Probe }>
  volumes?: readonly k8s.Volume[]
  mounts?: readonly k8s.VolumeMount[]
  /** Seconds that a pod which is to end goes on serving, until nobody sends it anything. */
  preStopSeconds?: number
}>

export type WorkloadPart = ContainerPart &
  Readonly<{
    component: Component
    /** Undefined: an autoscaler decides. */
    replicas: number | undefined
    strategy: k8s.DeploymentStrategy
    graceSeconds: number
  }>

/** A Deployment with its ServiceAccount, as every one of ours is: restricted, probed, spread, and with few rights. */
export function addWorkload(r: Rendering, part: WorkloadPart): void {
  const { component, strategy } = part
  addServiceAccount(r, component)
  const metadata = metadataOf(r, component)
  const labels = { ...metadata.labels, ...versionLabelOf(part.image) }
  new k8s.KubeDeployment(r.chart, `Deployment-${component}`, {
    metadata: { ...metadata, labels },
    spec: {
      ...(part.replicas !== undefined && { replicas: part.replicas }),
      revisionHistoryLimit: REVISIONS_KEPT,
      minReadySeconds: 5,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: selectorOf(r.name, component) },
      strategy,
      template: {
        metadata: { labels, annotations: annotationsOf(r, part) },
        spec: podSpec(r, part, part.graceSeconds),
      },
    },
  })
}

/** Voluntary disruptions take one pod at a time; one that is broken anyway never holds up a node. */
export function addDisruptionBudget(r: Rendering, component: Component): void {
  new k8s.KubePodDisruptionBudget(r.chart, `PodDisruptionBudget-${component}`, {
    metadata: metadataOf(r, component),
    spec: {
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selectorOf(r.name, component) },
    },
  })
}

export function addService(r: Rendering, component: Component, ports: readonly k8s.ServicePort[]): void {
  new k8s.KubeService(r.chart, `Service-${component}`, {
    metadata: metadataOf(r, component),
    spec: { type: 'ClusterIP', selector: selectorOf(r.name, component), ports: [...ports] },
  })
}

export function addServiceAccount(r: Rendering, component: Component): void {
  new k8s.KubeServiceAccount(r.chart, `ServiceAccount-${component}`, {
    metadata: metadataOf(r, component),
    automountServiceAccountToken: false,
  })
}

/** A pod that ends by itself. */
export function jobPodSpec(r: Rendering, part: ContainerPart & Readonly<{ component: Component }>): k8s.PodSpec {
  return { ...podSpec(r, part, JOB_GRACE_SECONDS), restartPolicy: 'OnFailure', topologySpreadConstraints: [] }
}

function podSpec(
  r: Rendering,
  part: ContainerPart & Readonly<{ component: Component }>,
  graceSeconds: number,
): k8s.PodSpec {
  const { component } = part
  const { nodeSelector, tolerations, priorityClassName } = r.spec.scheduling
  const selector = { matchLabels: selectorOf(r.name, component) }
  return {
    serviceAccountName: childName(r.name, component),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: graceSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(r.spec.images.pullSecrets.length > 0 && {
      imagePullSecrets: r.spec.images.pullSecrets.map((name) => ({ name })),
    }),
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations: tolerations.map(tolerationOf) }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: selector } },
        ],
      },
    },
    topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: selector,
      matchLabelKeys: ['pod-template-hash'],
    })),
    containers: [container(r, part)],
    volumes: [
      { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
      ...secretVolumes(part.secrets),
      ...(part.volumes ?? []),
    ],
  }
}

function tolerationOf(o: Rendering['spec']['scheduling']['tolerations'][number]): k8s.Toleration {
  const { key, operator, value, effect } = o
  return {
    operator,
    ...(key !== undefined && { key }),
    ...(value !== undefined && { value }),
    ...(effect && { effect }),
  }
}

/** A registry of one's own goes in front of what names none. */
export function imageOf({ spec: { images } }: Rendering, image: string): string {
  const [first = ''] = image.split('/', 1)
  const namesRegistry = image.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  return namesRegistry || images.registry === '' ? image : `${images.registry}/${image}`
}

/** Of a service that has its probes on the port of its metrics. A dependency that is down never restarts a pod. */
export const SERVICE_PROBES = {
  startup: { httpGet: probe('/startupz'), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 90 },
  liveness: { httpGet: probe('/livez'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  readiness: { httpGet: probe('/readyz'), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
} as const

function probe(path: string) {
  return { path, port: k8s.IntOrString.fromString('metrics') }
}

function container(r: Rendering, part: ContainerPart & Readonly<{ component: Component }>): k8s.Container {
  const { probes, preStopSeconds, args } = part
  return {
    name: part.component,
    image: imageOf(r, part.image),
    imagePullPolicy: r.spec.images.pullPolicy,
    ...(args && { args: [...args] }),
    ports: Object.entries(part.ports).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    env: [...Object.entries(part.env), ...part.secrets.map(secretVariable)].map(([name, value]) => ({ name, value })),
    ...(part.envFrom && { envFrom: [...part.envFrom] }),
    resources: resourcesOf(part.resources),
    ...(probes && {
      startupProbe: probes.startup,
      livenessProbe: probes.liveness,
      readinessProbe: probes.readiness,
    }),
    // The image has no shell and no `sleep`.
    ...(preStopSeconds !== undefined && {
      lifecycle: {
        preStop: { exec: { command: ['node', '--eval', `setTimeout(() => {}, ${preStopSeconds * 1000})`] } },
      },
    }),
    securityContext: RESTRICTED,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...secretMounts(part.secrets), ...(part.mounts ?? [])],
  }
}

export const RESTRICTED: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
}

export function resourcesOf({ requests, limits }: Resources): k8s.ResourceRequirements {
  const { cpu, memory } = limits
  return {
    requests: {
      cpu: k8s.Quantity.fromString(requests.cpu),
      memory: k8s.Quantity.fromString(requests.memory),
      'ephemeral-storage': k8s.Quantity.fromString('64Mi'),
    },
    limits: {
      ...(cpu !== undefined && { cpu: k8s.Quantity.fromString(cpu) }),
      memory: k8s.Quantity.fromString(memory),
      'ephemeral-storage': k8s.Quantity.fromString('256Mi'),
    },
  }
}

function secretVariable(file: SecretFile): [string, string] {
  const { variable, isPath = false } = file
  return [isPath ? variable : `${variable}_FILE`, `${isFolder(file) ? FOLDERS_DIR : SECRETS_DIR}/${variable}`]
}

function isFolder({ key }: SecretFile): boolean {
  return key === undefined
}

/** Single values all lie in one folder, and each whole Secret in one of its own. */
function secretVolumes(secrets: readonly SecretFile[]): k8s.Volume[] {
  const byName = Map.groupBy(
    secrets.filter((file) => !isFolder(file)),
    ({ secret }) => secret,
  )
  const values = [...byName].map(([name, files]) => ({
    name,
    items: files.flatMap(({ key, variable }) => (key === undefined ? [] : [{ key, path: variable }])),
  }))
  return [
    ...(values.length > 0 ? [secretsVolume('secrets', values)] : []),
    ...secrets.filter(isFolder).map(({ variable, secret }) => secretsVolume(volumeOf(variable), [{ name: secret }])),
  ]
}

function secretsVolume(name: string, secrets: readonly k8s.SecretProjection[]): k8s.Volume {
  return { name, projected: { defaultMode: 0o440, sources: secrets.map((secret) => ({ secret })) } }
}

function secretMounts(secrets: readonly SecretFile[]): k8s.VolumeMount[] {
  const folders = secrets.filter(isFolder)
  return [
    ...(folders.length < secrets.length ? [{ name: 'secrets', mountPath: SECRETS_DIR, readOnly: true }] : []),
    ...folders.map(({ variable }) => ({
      name: volumeOf(variable),
      mountPath: `${FOLDERS_DIR}/${variable}`,
      readOnly: true,
    })),
  ]
}

function volumeOf(variable: string): string {
  return variable.toLowerCase().replaceAll('_', '-')
}

/** A program reads its secrets and settings once: when one changes, pods are replaced one by one. */
function annotationsOf(r: Rendering, { secrets, envFrom }: ContainerPart): Record<string, string> {
  return {
    ...secretsAnnotation(r, secrets),
    ...(envFrom && { 'whatsappsender.io/settings': hashOf(r.spec.settings) }),
  }
}

/** Of pods that read these values: another one when one of them is another. */
export function secretsAnnotation({ digestOf }: Rendering, values: readonly SecretKey[]): Record<string, string> {
  const digest = digestOf(values.map(({ secret, key }) => ({ secret, ...(key !== undefined && { key }) })))
  return digest === undefined ? {} : { 'whatsappsender.io/secrets': digest }
}
