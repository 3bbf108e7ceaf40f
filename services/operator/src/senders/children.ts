import type { Cluster } from '../kubernetes/cluster.ts'
import { createInformer, type Informer } from '../kubernetes/informer.ts'
import { isNotFound, KubernetesError } from '../kubernetes/kubernetes-error.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { OWNER_LABEL } from './ownership.ts'

/**
 * What senders are made of, in memory by kind. A kind is watched from when a sender first needs one of it, for not every
 * cluster has those of Strimzi, MongoDB, KEDA and Prometheus.
 */
export type Children = Readonly<{
  /** All objects of one owner of these kinds, and which of these the cluster does not know. @throws {KubernetesError} */
  of(uid: string, kinds: readonly Kind[]): Promise<Observed>
  /** For metrics, by kind. */
  informers(): ReadonlyMap<string, Informer>
  stop(): Promise<void>
}>

export type Kind = Readonly<{ apiVersion: string; kind: string }>

type Observed = Readonly<{
  objects: readonly KubernetesObject[]
  missing: readonly (Kind & Readonly<{ message: string }>)[]
}>

export function createChildren({
  cluster,
  namespace,
  resyncMs,
  onChange,
  onError,
}: Readonly<{
  cluster: Cluster
  namespace: string
  resyncMs: number
  /** An object of ours has changed, or is gone. */
  onChange(object: KubernetesObject): void
  onError(error: unknown): void
}>): Children {
  const informers = new Map<string, Informer>()

  async function cached(selection: Kind): Promise<Informer> {
    const id = `${selection.kind}.${selection.apiVersion}`
    const known = informers.get(id)
    if (known?.hasSynced() && !known.state().isFailing) return known
    // Tells why, where there can be no cache, or none any more.
    await cluster.list({ ...selection, namespace, labelSelector: OWNER_LABEL })
    const informer = informers.get(id) ?? watch(id, selection)
    await informer.synced
    return informer
  }

  async function unlessUnknown(selection: Kind) {
    try {
      return { informer: await cached(selection) }
    } catch (error) {
      // A namespace that lacks nothing but objects answers with an empty list.
      if (error instanceof KubernetesError && isNotFound(error)) return { message: error.message }
      throw error
    }
  }

  function watch(id: string, selection: Kind): Informer {
    const informer = createInformer({
      cluster,
      selection: { ...selection, namespace, labelSelector: OWNER_LABEL },
      onChange: (_, object) => onChange(object),
      onError,
      resyncMs,
    })
    informers.set(id, informer)
    informer.start()
    return informer
  }

  return {
    of: async (uid, kinds) => {
      const caches = await Promise.all(kinds.map(async (kind) => ({ kind, found: await unlessUnknown(kind) })))
      return {
        objects: caches.flatMap(({ found }) => (found.informer === undefined ? [] : ownedIn(found.informer, uid))),
        missing: caches.flatMap(({ kind, found }) =>
          found.informer === undefined ? [{ ...kind, message: found.message }] : [],
        ),
      }
    },
    informers: () => informers,
    stop: async () => {
      await Promise.all([...informers.values()].map((informer) => informer.stop()))
    },
  }
}

function ownedIn(informer: Informer, uid: string): readonly KubernetesObject[] {
  return informer.keys().flatMap((key) => {
    const object = informer.get(key)
    return object?.metadata.labels?.[OWNER_LABEL] === uid ? [object] : []
  })
}
