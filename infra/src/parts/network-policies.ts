import { k8s } from '../cdk8s.ts'
import { type Component, childName, labelsOf, metadataOf, type Rendering, selectorOf } from '../rendering.ts'
import { componentsOf, type Edge, isComponent, networkEdges, type Peer } from './network-edges.ts'

/** Default deny for what is ours, and a policy for each component with its ways in and out. */
export function addNetworkPolicies(r: Rendering): void {
  if (!r.spec.networkPolicy.enabled) return
  const edges = networkEdges(r)
  const { 'app.kubernetes.io/component': _, ...ours } = selectorOf(r.name, 'api')
  new k8s.KubeNetworkPolicy(r.chart, 'NetworkPolicy-default-deny', {
    metadata: { name: childName(r.name, 'default-deny'), namespace: r.namespace, labels: labelsOf(r.name) },
    spec: { podSelector: { matchLabels: ours, matchExpressions: [NOT_OF_CHART] }, policyTypes: ['Ingress', 'Egress'] },
  })
  for (const component of componentsOf(r)) addPolicy(r, component, edges)
}

/** A release of the chart may have the name of the custom resource, and its pods go other ways. */
const NOT_OF_CHART = {
  key: 'app.kubernetes.io/component',
  operator: 'NotIn',
  values: ['operator', 'test', 'uninstall'],
}

function addPolicy(r: Rendering, component: Component, edges: readonly Edge[]): void {
  const isThis = (peer: Peer) => isComponent(peer) && peer.component === component
  const into = edges.filter(({ to }) => isThis(to))
  const out = edges.filter(({ from }) => isThis(from))
  new k8s.KubeNetworkPolicy(r.chart, `NetworkPolicy-${component}`, {
    metadata: metadataOf(r, component),
    spec: {
      podSelector: { matchLabels: selectorOf(r.name, component) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: into.map((edge) => ({ from: peersOf(r, edge.from), ports: portsOf(edge) })),
      egress: out.map((edge) => ({ to: peersOf(r, edge.to), ports: portsOf(edge) })),
    },
  })
}

function portsOf({ ports, protocols = ['TCP'] }: Edge): k8s.NetworkPolicyPort[] {
  return ports.flatMap((port) => protocols.map((protocol) => ({ port: k8s.IntOrString.fromNumber(port), protocol })))
}

function peersOf(r: Rendering, peer: Peer): k8s.NetworkPolicyPeer[] {
  if (isComponent(peer)) return [{ podSelector: { matchLabels: selectorOf(r.name, peer.component) } }]
  if ('cidrs' in peer) return peer.cidrs.map((cidr) => ({ ipBlock: blockOf(cidr, peer.except ?? []) }))
  if (!('namespaceLabels' in peer)) return [{ podSelector: { matchLabels: peer.podLabels } }]
  const { namespaceLabels, podLabels } = peer
  return [
    {
      namespaceSelector: selecting(namespaceLabels),
      ...(podLabels && { podSelector: { matchLabels: podLabels } }),
    },
  ]
}

/** Without labels: all. An empty map is not kept by the server, and would be a change each time that it is applied. */
function selecting(matchLabels: Record<string, string>): k8s.LabelSelector {
  return Object.keys(matchLabels).length === 0 ? {} : { matchLabels }
}

/** An exception has to lie within its block. */
function blockOf(cidr: string, except: readonly string[]): k8s.IpBlock {
  const family = (network: string) => network.includes(':')
  const within = except.filter((network) => family(network) === family(cidr))
  return { cidr, ...(within.length > 0 && { except: within }) }
}
