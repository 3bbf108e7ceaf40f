import type { k8s } from '../cdk8s.ts'
import { type Rendering, selectorOf } from '../rendering.ts'
import { isComponent, type Peer } from './network-edges.ts'

/** The end of an edge as policies name it. */
export function peersOf(r: Rendering, peer: Peer): k8s.NetworkPolicyPeer[] {
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
