import type { Cluster } from './cluster.ts'

/** Something was to be written by a process that leads no more. */
export class NotLeaderError extends Error {
  override readonly name = 'NotLeaderError'
  readonly code = 'not-leader'
}

/** The cluster for those who may write while `mayWrite` only: each of their writes fails once we lead no more. */
export function createFencedCluster(cluster: Cluster, mayWrite: () => boolean): Cluster {
  async function fenced<T>(write: () => Promise<T>): Promise<T> {
    if (!mayWrite()) throw new NotLeaderError('This process is not the leader')
    return write()
  }
  return {
    ...cluster,
    apply: (object, options) => fenced(() => cluster.apply(object, options)),
    applyStatus: (object) => fenced(() => cluster.applyStatus(object)),
    create: (object) => fenced(() => cluster.create(object)),
    replace: (object) => fenced(() => cluster.replace(object)),
    remove: (reference, options) => fenced(() => cluster.remove(reference, options)),
  }
}
