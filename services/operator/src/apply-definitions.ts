import { crds, RELEASE_ANNOTATION } from '@whatsapp-sender/infra'
import type { Cluster } from './kubernetes/cluster.ts'
import { KubernetesObject, referenceOf } from './kubernetes/kubernetes-object.ts'

/**
 * Brings the CustomResourceDefinitions to this release: Helm installs them once and never changes them. Those of a newer
 * release stay as they are, for an older operator in another namespace must not take fields away.
 *
 * They are written whole. To apply them would leave in place what Helm alone has said, who made them: a version that is
 * served no more.
 */
export async function applyDefinitions(cluster: Pick<Cluster, 'read' | 'create' | 'replace'>): Promise<void> {
  for (const each of crds()) await bringUpToDate(cluster, KubernetesObject.parse(each))
}

async function bringUpToDate(
  cluster: Pick<Cluster, 'read' | 'create' | 'replace'>,
  definition: KubernetesObject,
): Promise<void> {
  const there = await cluster.read(referenceOf(definition))
  if (there === undefined) {
    await cluster.create(definition)
    return
  }
  if (isNewer(releaseOf(there), releaseOf(definition))) return
  const { labels, annotations } = definition.metadata
  const metadata = {
    ...there.metadata,
    labels: { ...there.metadata.labels, ...labels },
    annotations: { ...there.metadata.annotations, ...annotations },
  }
  await cluster.replace({ ...there, metadata, spec: definition['spec'] })
}

function releaseOf({ metadata }: KubernetesObject): readonly number[] {
  return (metadata.annotations?.[RELEASE_ANNOTATION] ?? '').split('.').map((part) => Number.parseInt(part, 10) || 0)
}

/** By major, minor and patch number; one without a release is older than all. */
function isNewer(one: readonly number[], other: readonly number[]): boolean {
  const at = other.findIndex((part, index) => (one[index] ?? 0) !== part)
  return at >= 0 && (one[at] ?? 0) > (other[at] ?? 0)
}
