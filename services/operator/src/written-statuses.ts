import type { KubernetesObject } from './kubernetes/kubernetes-object.ts'

/** The status of each resource as it was written last: the cache is behind it for a moment. */
export type WrittenStatuses<Status> = Readonly<{
  /** As it was written; as the cache has it, if we have written none. */
  of(key: string, resource: KubernetesObject): unknown
  note(key: string, resource: KubernetesObject, status: Status): void
  /** The resource is gone. */
  forget(key: string): void
}>

export function createWrittenStatuses<Status>(): WrittenStatuses<Status> {
  const written = new Map<string, Readonly<{ uid: string | undefined; status: Status }>>()
  return {
    of: (key, { metadata: { uid }, status }) => {
      const last = written.get(key)
      // Another resource may have the name by now.
      return last !== undefined && last.uid === uid ? last.status : status
    },
    note: (key, { metadata: { uid } }, status) => {
      written.set(key, { uid, status })
    },
    forget: (key) => {
      written.delete(key)
    },
  }
}
