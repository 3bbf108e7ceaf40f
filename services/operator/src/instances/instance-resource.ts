import { API_VERSION, WhatsAppInstanceSpec } from '@whatsapp-sender/infra'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'

/** Keeps a resource until the instance is as its deletion policy says. */
const FINALIZER = 'whatsappsender.io/instance'
/** A new value of it asks for codes again, after nobody has scanned one. */
const PAIR_ANNOTATION = 'whatsappsender.io/pair'
const PAIR_REQUEST_LENGTH_MAX = 253

/** A WhatsAppInstance as it is in the cluster, with the defaults of its specification. */
export type InstanceResource = Readonly<{
  /** For Events about it. */
  object: KubernetesObject
  /** `namespace/name`. */
  key: string
  name: string
  namespace: string
  uid: string
  generation: number
  /** Name at the API. */
  instanceName: string
  /** When somebody asked that it be deleted. */
  deletedAt: Date | undefined
  hasFinalizer: boolean
  pairRequest: string | undefined
  spec: WhatsAppInstanceSpec
}>

/** The fault is for people: the API server takes no such thing, but may have before the definition had its rules. */
export function parseInstance(key: string, object: KubernetesObject): InstanceResource | Readonly<{ fault: string }> {
  const { name, namespace = '', uid = '', generation = 0, deletionTimestamp, finalizers, annotations } = object.metadata
  const parsed = WhatsAppInstanceSpec.safeParse(object['spec'])
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${['spec', ...path].join('.')}: ${message}`)
    return { fault: faults.join('\n') }
  }
  return {
    object,
    key,
    name,
    namespace,
    uid,
    generation,
    instanceName: parsed.data.instanceName ?? name,
    deletedAt: deletionTimestamp === undefined ? undefined : new Date(deletionTimestamp),
    hasFinalizer: finalizers?.includes(FINALIZER) ?? false,
    pairRequest: annotations?.[PAIR_ANNOTATION]?.slice(0, PAIR_REQUEST_LENGTH_MAX),
    spec: parsed.data,
  }
}

/** As it is applied to be kept, or to be let go. Its uid sees to it that no new one of its name is made. */
export function finalizerObject(resource: InstanceResource, isWanted: boolean): KubernetesObject {
  const { name, namespace, uid } = resource
  return {
    apiVersion: API_VERSION,
    kind: 'WhatsAppInstance',
    metadata: { name, namespace, uid, finalizers: isWanted ? [FINALIZER] : [] },
  }
}
