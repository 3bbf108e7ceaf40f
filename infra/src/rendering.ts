import { kafkaNames } from '@whatsapp-sender/contract'
import { ApiObject, type Chart } from './cdk8s.ts'
import type { SecretDigest } from './secret-digest.ts'
import type { WhatsAppSenderSpec } from './spec/sender-spec.ts'

/** One rendering under way: where objects are added, and what they are made from. */
export type Rendering = Readonly<{
  chart: Chart
  /** Of the custom resource: its children are named after it. */
  name: string
  namespace: string
  spec: WhatsAppSenderSpec
  digestOf: SecretDigest
}>

export type Component = 'api' | 'consumer' | 'sandbox' | 'evolution' | 'evolution-db' | 'topics' | 'canary'

export const PORTS = { http: 8000, metrics: 9464, sandbox: 8080, evolution: 8080, postgres: 5432 } as const

export function childName(name: string, component: string): string {
  return `${name}-${component}`
}

/** What never changes, for selectors cannot. */
export function selectorOf(name: string, component: Component): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'whatsapp-sender',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/component': component,
  }
}

/** On every object, and on every pod. */
export function labelsOf(name: string, component?: Component): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'whatsapp-sender',
    'app.kubernetes.io/instance': name,
    ...(component !== undefined && { 'app.kubernetes.io/component': component }),
    'app.kubernetes.io/part-of': 'whatsapp-sender',
    'app.kubernetes.io/managed-by': 'whatsapp-sender-operator',
  }
}

export function metadataOf(r: Rendering, component: Component, name = childName(r.name, component)) {
  return { name, namespace: r.namespace, labels: labelsOf(r.name, component) }
}

export function topicsOf({ spec }: Pick<Rendering, 'spec'>) {
  return kafkaNames(spec.kafka.prefix)
}

/** An object of a kind that cdk8s does not know. */
export function addCustom(
  { chart, name: owner, namespace }: Rendering,
  o: Readonly<{
    apiVersion: string
    kind: string
    name: string
    labels?: Readonly<Record<string, string>>
    annotations?: Readonly<Record<string, string>>
    spec: object
  }>,
): void {
  const { apiVersion, kind, name, annotations } = o
  const metadata = { name, namespace, labels: { ...labelsOf(owner), ...o.labels }, ...(annotations && { annotations }) }
  new ApiObject(chart, `${kind}-${name}`, { apiVersion, kind, metadata, spec: o.spec })
}
