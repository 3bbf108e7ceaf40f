import { z } from 'zod'

/** What of an object's metadata is used here; whatever else it has is kept as it came. */
const Metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
})

export const KubernetesObject = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: Metadata })

/** Any object of the cluster as plain JSON; a status, a spec or data are `unknown` until somebody parses them. */
export type KubernetesObject = z.infer<typeof KubernetesObject>

/** Which object is meant. `namespace` is left out for what has none. */
export type ObjectReference = Readonly<{
  apiVersion: string
  kind: string
  name: string
  namespace?: string | undefined
}>

export function referenceOf({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference {
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace }
}

/** `namespace/name`, as queues and caches name an object of one kind; only `name` when it has no namespace. */
export function keyOf({ name, namespace }: Readonly<{ name: string; namespace?: string | undefined }>): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}
