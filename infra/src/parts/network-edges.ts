import { type Component, childName, PORTS, type Rendering } from '../rendering.ts'

/** Where something comes from or goes to. */
export type Peer =
  | Readonly<{ component: Component }>
  | PodsPeer
  /** Pods of namespaces; no label: of any. */
  | Readonly<{ namespaceLabels: Readonly<Record<string, string>>; podLabels?: Readonly<Record<string, string>> }>
  | Readonly<{ cidrs: readonly string[]; except?: readonly string[] }>

/** Pods of another operator, in the same namespace. */
type PodsPeer = Readonly<{ podLabels: Readonly<Record<string, string>> }>

/** One way that is open; everything else is closed. */
export type Edge = Readonly<{ from: Peer; to: Peer; ports: readonly number[]; protocols?: readonly ('TCP' | 'UDP')[] }>

const ANYWHERE = ['0.0.0.0/0', '::/0']
const HTTPS = 443
const MAIL_PORTS = [25, 465, 587]
const WHATSAPP_PORTS = [HTTPS, 5222]
const KAFKA_PORT = 9093
const MONGODB_PORT = 27_017
const API_SERVER_PORTS = [HTTPS, 6443]

/** Every way that the system needs, each once. */
export function networkEdges(r: Rendering): readonly Edge[] {
  const { mode } = r.spec.evolution
  return [
    ...componentsOf(r).map(
      (component): Edge => ({ from: { component }, to: DNS, ports: DNS_PORTS, protocols: DNS_PROTOCOLS }),
    ),
    ...kafkaEdges(r),
    ...SERVICES.map((component): Edge => ({ from: { component }, to: mongodb(r), ports: [MONGODB_PORT] })),
    ...SERVICES.map((component): Edge => ({ from: { component }, to: evolution(r), ports: [evolutionPort(r)] })),
    ...SERVICES.map((component): Edge => ({ from: { component }, to: internet(r), ports: [HTTPS] })),
    ...callersOfApi(r).map((from): Edge => ({ from, to: { component: 'api' }, ports: [PORTS.http] })),
    ...scrapedOf(r).map((component): Edge => ({ from: prometheus(r), to: { component }, ports: [PORTS.metrics] })),
    ...(r.spec.canary === undefined ? [] : [{ from: CANARY, to: API, ports: [PORTS.http] }]),
    ...kedaEdges(r),
    ...memberEdges(r),
    ...collectorEdges(r),
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
const CANARY = { component: 'canary' } as const
const EVOLUTION = { component: 'evolution' } as const
const SERVICES = ['api', 'consumer'] as const
const DNS_PORTS = [53]
const DNS_PROTOCOLS = ['UDP', 'TCP'] as const
const DNS = { namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' }, podLabels: { 'k8s-app': 'kube-dns' } }

/** The components that this rendering has. */
export function componentsOf({ spec }: Pick<Rendering, 'spec'>): readonly Component[] {
  const { mode } = spec.evolution
  return [
    ...SERVICES,
    ...(mode === 'sandbox' ? ['sandbox' as const] : []),
    ...(mode === 'managed' ? ['evolution' as const, 'evolution-db' as const] : []),
    ...(spec.kafka.external?.createTopics ? ['topics' as const] : []),
    ...(spec.canary === undefined ? [] : ['canary' as const]),
  ]
}

/** The components of ours that have metrics. */
export function scrapedOf({ spec }: Pick<Rendering, 'spec'>): readonly Component[] {
  return spec.canary === undefined ? SERVICES : [...SERVICES, 'canary']
}

function kafkaEdges(r: Rendering): readonly Edge[] {
  const { external } = r.spec.kafka
  const callers = componentsOf(r).filter(
    (component) => component !== 'sandbox' && component !== 'canary' && !component.startsWith('evolution'),
  )
  const ports = external === undefined ? [KAFKA_PORT] : [...new Set(external.bootstrapServers.map(portOf))]
  const to = external === undefined ? managedKafka(r) : addresses(r.spec.networkPolicy.kafkaCidrs)
  return callers.map((component) => ({ from: { component }, to, ports }))
}

/** Brokers as Strimzi labels them. It writes their policy itself, from who may come in. */
export function managedKafka({ name }: Pick<Rendering, 'name'>): PodsPeer {
  return { podLabels: { 'strimzi.io/cluster': name, 'strimzi.io/name': `${name}-kafka` } }
}

/** Members as the operator of MongoDB labels them. It writes no policy. */
export function managedMongodb({ name }: Pick<Rendering, 'name'>): PodsPeer {
  return { podLabels: { app: `${childName(name, 'mongodb')}-svc` } }
}

function mongodb(r: Rendering): Peer {
  return r.spec.mongodb.mode === 'external' ? addresses(r.spec.networkPolicy.mongodbCidrs) : managedMongodb(r)
}

/**
 * Each member has an agent that looks after all of them. It is told what to do by a Secret, and answers by the annotations
 * of its pod: their operator never connects, and no selector can name the API server.
 */
function memberEdges(r: Rendering): readonly Edge[] {
  if (r.spec.mongodb.mode === 'external') return []
  const members = managedMongodb(r)
  return [
    { from: members, to: members, ports: [MONGODB_PORT] },
    { from: members, to: DNS, ports: DNS_PORTS, protocols: DNS_PROTOCOLS },
    { from: members, to: { cidrs: ANYWHERE }, ports: API_SERVER_PORTS },
  ]
}

function evolution({ spec }: Rendering): Peer {
  const { mode } = spec.evolution
  if (mode === 'external') return addresses(spec.networkPolicy.evolutionCidrs)
  return { component: mode === 'sandbox' ? 'sandbox' : 'evolution' }
}

function evolutionPort({ spec: { evolution } }: Rendering): number {
  if (evolution.external === undefined) return evolution.mode === 'sandbox' ? PORTS.sandbox : PORTS.evolution
  return portOfUrl(evolution.external.url)
}

/** Clients come through the ingress, or from any namespace where none is named; our own pods always may. */
function callersOfApi(r: Rendering): readonly Peer[] {
  const ours = { podLabels: { 'app.kubernetes.io/part-of': 'whatsapp-sender' } }
  return [ours, { namespaceLabels: r.spec.api.ingress?.controllerNamespaceLabels ?? {} }]
}

function prometheus({ spec }: Rendering): Peer {
  return { namespaceLabels: spec.networkPolicy.prometheusNamespaceLabels }
}

/** It asks both for what consumers are scaled by. */
function kedaEdges(r: Rendering): readonly Edge[] {
  const { type, kedaNamespaceLabels } = r.spec.consumer.autoscaling
  if (type !== 'keda') return []
  const from = { namespaceLabels: kedaNamespaceLabels }
  return [
    { from, to: API, ports: [PORTS.metrics] },
    ...(r.spec.kafka.mode === 'managed' ? [{ from, to: managedKafka(r), ports: [KAFKA_PORT] }] : []),
  ]
}

/** A collector is often in the cluster, where its pods are told by their namespace, and may as well be a service far away. */
function collectorEdges({ spec: { tracing, networkPolicy } }: Rendering): readonly Edge[] {
  if (tracing === undefined) return []
  const { collectorNamespaceLabels: namespaceLabels } = networkPolicy
  const isKnown = Object.keys(namespaceLabels).length > 0
  const places: readonly Peer[] = [{ namespaceLabels }, ...(isKnown ? [] : [{ cidrs: ANYWHERE }])]
  const ports = [portOfUrl(tracing.endpoint)]
  return places.flatMap((to) => SERVICES.map((component) => ({ from: { component }, to, ports })))
}

/** Where webhooks go, and media come from. */
function internet({ spec }: Rendering): Peer {
  return { cidrs: ANYWHERE, except: spec.networkPolicy.privateCidrs }
}

function addresses(cidrs: readonly string[]): Peer {
  return { cidrs: cidrs.length > 0 ? cidrs : ANYWHERE }
}

function portOfUrl(url: string): number {
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? HTTPS : 80) : Number(port)
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

/** Whether the peer is one of our own components, and so has a policy of its own. */
export function isComponent(peer: Peer): peer is Readonly<{ component: Component }> {
  return 'component' in peer
}
