import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { identityOf } from './plan-objects.ts'

/**
 * What need not be applied again: the same was applied before, and nobody has changed the object since. So what changes
 * by itself, as a status does, makes no requests.
 */
export function createUnchanged() {
  const applied = new Map<string, Readonly<{ desired: string; version: string }>>()
  return {
    note: (desired: KubernetesObject, result: KubernetesObject): void => {
      applied.set(identityOf(desired), { desired: JSON.stringify(desired), version: versionOf(result) })
    },
    isSame: (desired: KubernetesObject, there: KubernetesObject): boolean => {
      const known = applied.get(identityOf(desired))
      return known !== undefined && known.version === versionOf(there) && known.desired === JSON.stringify(desired)
    },
    /** Whatever else was applied once is forgotten. */
    keepOnly: (desired: readonly KubernetesObject[]): void => {
      const wanted = new Set(desired.map(identityOf))
      for (const identity of applied.keys()) if (!wanted.has(identity)) applied.delete(identity)
    },
  }
}

export type Unchanged = ReturnType<typeof createUnchanged>

/** Changes with all that can be applied. A generation counts the changes of a spec alone, where there is one. */
function versionOf({ metadata }: KubernetesObject): string {
  const { uid, generation, resourceVersion, labels, annotations, ownerReferences } = metadata
  if (generation === undefined) return JSON.stringify([uid, resourceVersion])
  return JSON.stringify([uid, generation, labels, annotations, ownerReferences])
}
