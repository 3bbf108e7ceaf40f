import { isDeepStrictEqual } from 'node:util'
import { k8s } from '../cdk8s.ts'
import { type Component, childName, labelsOf, metadataOf, type Rendering, selectorOf } from '../rendering.ts'
import { componentsOf, type Edge, isComponent, managedMongodb, networkEdges, type Peer } from './network-edges.ts'
import { peersOf } from './network-peers.ts'

/** Default deny for what is ours, and a policy for each component with its ways in and out. */
export function addNetworkPolicies(r: Rendering): void {
  if (!r.spec.networkPolicy.enabled) return
  const edges = networkEdges(r)
  const { 'app.kubernetes.io/component': _, ...ours } = selectorOf(r.name, 'api')
  new k8s.KubeNetworkPolicy(r.chart, 'NetworkPolicy-default-deny', {
    metadata: { name: childName(r.name, 'default-deny'), namespace: r.namespace, labels: labelsOf(r.name) },
    spec: { podSelector: { matchLabels: ours, matchExpressions: [NOT_OF_CHART] }, policyTypes: ['Ingress', 'Egress'] },
  })
  for (const component of componentsOf(r)) addPolicy(r, { component }, edges)
  if (r.spec.mongodb.mode === 'managed') addPolicy(r, managedMongodb(r), edges)
}

/** A release of the chart may have the name of the custom resource, and its pods go other ways. */
const NOT_OF_CHART = {
  key: 'app.kubernetes.io/component',
  operator: 'NotIn',
  values: ['operator', 'test', 'uninstall'],
}

/** The policy of pods that are ours to close, with each edge that begins or ends there. */
function addPolicy(r: Rendering, pods: Guarded, edges: readonly Edge[]): void {
  const isThis = (peer: Peer) => isDeepStrictEqual(peer, pods)
  const into = edges.filter(({ to }) => isThis(to))
  const out = edges.filter(({ from }) => isThis(from))
  const { id, metadata, matchLabels } = guardOf(r, pods)
  new k8s.KubeNetworkPolicy(r.chart, `NetworkPolicy-${id}`, {
    metadata,
    spec: {
      podSelector: { matchLabels },
      policyTypes: ['Ingress', 'Egress'],
      ingress: into.map((edge) => ({ from: peersOf(r, edge.from), ports: portsOf(edge) })),
      egress: out.map((edge) => ({ to: peersOf(r, edge.to), ports: portsOf(edge) })),
    },
  })
}

type Guarded = Readonly<{ component: Component }> | ReturnType<typeof managedMongodb>

function guardOf(r: Rendering, pods: Guarded) {
  if (isComponent(pods)) {
    const { component } = pods
    return { id: component, metadata: metadataOf(r, component), matchLabels: selectorOf(r.name, component) }
  }
  const metadata = { name: childName(r.name, 'mongodb'), namespace: r.namespace, labels: labelsOf(r.name) }
  return { id: 'mongodb', metadata, matchLabels: { ...pods.podLabels } }
}

function portsOf({ ports, protocols = ['TCP'] }: Edge): k8s.NetworkPolicyPort[] {
  return ports.flatMap((port) => protocols.map((protocol) => ({ port: k8s.IntOrString.fromNumber(port), protocol })))
}
