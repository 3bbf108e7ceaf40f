import { type Component, childName, PORTS, type Rendering } from '../rendering.ts'

/** Where something comes from or goes to. */
export type Peer =
  | Readonly<{ component: Component }>
  /** Pods of another operator, in the same namespace. */
  | Readonly<{ podLabels: Readonly<Record<string, string>> }>
  /** Pods of namespaces; no label: of any. */
  | Readonly<{ namespaceLabels: Readonly<Record<string, string>>; podLabels?: Readonly<Record<string, string>> }>
  | Readonly<{ cidrs: readonly string[]; except?: readonly string[] }>

/** One way that is open; everything else is closed. */
export type Edge = Readonly<{ from: Peer; to: Peer; ports: readonly number[]; protocols?: readonly ('TCP' | 'UDP')[] }>

const ANYWHERE = ['0.0.0.0/0', '::/0']
const HTTPS = 443
const MAIL_PORTS = [25, 465, 587]
const WHATSAPP_PORTS = [HTTPS, 5222]
const KAFKA_PORT = 9093
const MONGODB_PORT = 27_017

/** Every way that the system needs, each once. */
export function networkEdges(r: Rendering): readonly Edge[] {
  const { mode } = r.spec.evolution
  return [
    ...componentsOf(r).map(
      (component): Edge => ({ from: { component }, to: DNS, ports: [53], protocols: ['UDP', 'TCP'] }),
    ),
    ...kafkaEdges(r),
    ...SERVICES.map((component): Edge => ({ from: { component }, to: mongodb(r), ports: [MONGODB_PORT] })),
    ...SERVICES.map((component): Edge => ({ from: { component }, to: evolution(r), ports: [evolutionPort(r)] })),
    ...SERVICES.map((component): Edge => ({ from: { component }, to: internet(r), ports: [HTTPS] })),
    ...callersOfApi(r).map((from): Edge => ({ from, to: { component: 'api' }, ports: [PORTS.http] })),
    ...SERVICES.map((component): Edge => ({ from: prometheus(r), to: { component }, ports: [PORTS.metrics] })),
    ...kedaEdges(r),
    ...(r.spec.api.smtpUrlSecretRef === undefined ? [] : [{ from: API, to: internet(r), ports: MAIL_PORTS }]),
    ...(mode === 'managed'
      ? [
          { from: EVOLUTION, to: { component: 'evolution-db' } as const, ports: [PORTS.postgres] },
          { from: EVOLUTION, to: internet(r), ports: WHATSAPP_PORTS },
        ]
      : []),
  ]
}

const API = { component: 'api' } as const
const EVOLUTION = { component: 'evolution' } as const
const SERVICES = ['api', 'consumer'] as const
const DNS = { namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' }, podLabels: { 'k8s-app': 'kube-dns' } }

/** The components that this rendering has. */
export function componentsOf({ spec }: Pick<Rendering, 'spec'>): readonly Component[] {
  const { mode } = spec.evolution
  return [
    ...SERVICES,
    ...(mode === 'sandbox' ? ['sandbox' as const] : []),
    ...(mode === 'managed' ? ['evolution' as const, 'evolution-db' as const] : []),
    ...(spec.kafka.external?.createTopics ? ['topics' as const] : []),
  ]
}

function kafkaEdges(r: Rendering): readonly Edge[] {
  const { external } = r.spec.kafka
  const callers = componentsOf(r).filter((component) => component !== 'sandbox' && !component.startsWith('evolution'))
  const ports = external === undefined ? [KAFKA_PORT] : [...new Set(external.bootstrapServers.map(portOf))]
  const to: Peer =
    external === undefined
      ? { podLabels: { 'strimzi.io/cluster': r.name, 'strimzi.io/name': `${r.name}-kafka` } }
      : addresses(r.spec.networkPolicy.kafkaCidrs)
  return callers.map((component) => ({ from: { component }, to, ports }))
}

function mongodb(r: Rendering): Peer {
  if (r.spec.mongodb.mode === 'external') return addresses(r.spec.networkPolicy.mongodbCidrs)
  return { podLabels: { app: `${childName(r.name, 'mongodb')}-svc` } }
}

function evolution({ spec }: Rendering): Peer {
  const { mode } = spec.evolution
  if (mode === 'external') return addresses(spec.networkPolicy.evolutionCidrs)
  return { component: mode === 'sandbox' ? 'sandbox' : 'evolution' }
}

function evolutionPort({ spec: { evolution } }: Rendering): number {
  if (evolution.external === undefined) return evolution.mode === 'sandbox' ? PORTS.sandbox : PORTS.evolution
  const { port, protocol } = new URL(evolution.external.url)
  return port === '' ? (protocol === 'https:' ? HTTPS : 80) : Number(port)
}

/** Clients come through the ingress, or from any namespace where none is named; our own pods always may. */
function callersOfApi(r: Rendering): readonly Peer[] {
  const ours = { podLabels: { 'app.kubernetes.io/part-of': 'whatsapp-sender' } }
  return [ours, { namespaceLabels: r.spec.api.ingress?.controllerNamespaceLabels ?? {} }]
}

function prometheus({ spec }: Rendering): Peer {
  return { namespaceLabels: spec.networkPolicy.prometheusNamespaceLabels }
}

function kedaEdges({ spec }: Rendering): readonly Edge[] {
  const { type, kedaNamespaceLabels } = spec.consumer.autoscaling
  return type === 'keda' ? [{ from: { namespaceLabels: kedaNamespaceLabels }, to: API, ports: [PORTS.metrics] }] : []
}

/** Where webhooks go, and media come from. */
function internet({ spec }: Rendering): Peer {
  return { cidrs: ANYWHERE, except: spec.networkPolicy.privateCidrs }
}

function addresses(cidrs: readonly string[]): Peer {
  return { cidrs: cidrs.length > 0 ? cidrs : ANYWHERE }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

/** Whether the peer is one of our own components, and so has a policy of its own. */
export function isComponent(peer: Peer): peer is Readonly<{ component: Component }> {
  return 'component' in peer
}
