import type { KubernetesObject } from './kubernetes-object.ts'

/** Tells changes of what somebody wants of a resource from those of its status: that is ours, and to follow it would be to run in circles. */
export type MeantChanges = Readonly<{
  /** False when only the status has changed since it was asked last. */
  isNew(key: string, object: KubernetesObject, o: Readonly<{ isThere: boolean }>): boolean
  forget(key: string): void
}>

export function createMeantChanges(): MeantChanges {
  const seen = new Map<string, string>()
  return {
    isNew: (key, { metadata }, { isThere }) => {
      const { uid = '', generation = 0, annotations = {}, deletionTimestamp = '' } = metadata
      const meant = JSON.stringify([uid, generation, annotations, deletionTimestamp, isThere])
      if (seen.get(key) === meant) return false
      seen.set(key, meant)
      return true
    },
    forget: (key) => {
      seen.delete(key)
    },
  }
}
