import { z } from 'zod'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'

/** Names the custom resource that an object was made for, by its uid: what of ours is found by. */
export const OWNER_LABEL = 'whatsappsender.io/owner-uid'

/** A custom resource as it is in the cluster, which always has a uid. */
export type Owner = Readonly<{ apiVersion: string; kind: string; name: string; namespace: string; uid: string }>

/** Lost with their data when they go, so they go only by somebody's hand or, with `Delete`, with their owner. */
const DATA_KINDS = new Set(['Kafka', 'KafkaNodePool', 'KafkaTopic', 'MongoDBCommunity', 'StatefulSet'])

export function holdsData({ kind }: Readonly<{ kind: string }>): boolean {
  return DATA_KINDS.has(kind)
}

/** The object as one of `owner`'s, collected with it unless it holds data that is to be kept. */
export function ownedBy(owner: Owner, object: KubernetesObject, deletionPolicy: 'Retain' | 'Delete'): KubernetesObject {
  const isCollected = deletionPolicy === 'Delete' || !holdsData(object)
  const { apiVersion, kind, name, uid } = owner
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, [OWNER_LABEL]: uid },
      ...(isCollected && {
        ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }],
      }),
    },
  }
}

/**
 * Whose an object is that has the name of one we want:
 * - `ours`: made for this very resource;
 * - `left`: data kept from a resource of this name that is gone, to be taken over;
 * - `going`: of such a resource too, and about to be collected with it;
 * - `foreign`: anybody else's. Never touched.
 */
export function judgeOwner(owner: Owner, { kind, metadata }: KubernetesObject): 'ours' | 'left' | 'going' | 'foreign' {
  const { labels = {} } = metadata
  const uid = labels[OWNER_LABEL]
  if (uid === owner.uid || isCollectedWith(owner, metadata)) return 'ours'
  if (uid === undefined || labels['app.kubernetes.io/instance'] !== owner.name) return 'foreign'
  return holdsData({ kind }) ? 'left' : 'going'
}

const Owned = z.looseObject({
  ownerReferences: z.array(z.looseObject({ uid: z.string(), controller: z.boolean().optional() })),
})

/** The server writes that, and the label may have been taken away by anybody. */
function isCollectedWith(owner: Owner, metadata: KubernetesObject['metadata']): boolean {
  const references = Owned.safeParse(metadata).data?.ownerReferences ?? []
  return references.some(({ uid, controller }) => controller === true && uid === owner.uid)
}
