import { API_VERSION } from '@whatsapp-sender/infra'
import { z } from 'zod'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { KubernetesObject, ObjectReference } from '../kubernetes/kubernetes-object.ts'
import { timestampOf } from '../timestamp-of.ts'
import type { Connection } from './instance-api.ts'
import type { InstanceResource } from './instance-resource.ts'

/** A code that connects whoever scans it first: it goes into a Secret, and nowhere else. */
export type Code = Readonly<{
  /** By key of the Secret, in base64. */
  data: Readonly<Record<string, string>>
  expiresAt: Date
}>

type Owned = Pick<InstanceResource, 'name' | 'namespace' | 'uid'>

const PNG_URL = 'data:image/png;base64,'

/** Undefined: it is connected, or WhatsApp has given no code yet. */
export function codeDataOf(connection: Connection): Readonly<Record<string, string>> | undefined {
  const { state, qr, pairingCode } = connection
  if (state === 'open' || (qr === undefined && pairingCode === undefined)) return undefined
  return {
    ...(qr && { code: base64Of(qr.code) }),
    ...(qr?.png.startsWith(PNG_URL) && { 'qr.png': qr.png.slice(PNG_URL.length) }),
    ...(pairingCode !== undefined && { 'pairing-code': base64Of(pairingCode) }),
  }
}

export function pairingSecretName({ name }: Pick<Owned, 'name'>): string {
  return `${name}-pairing`
}

/**
 * Writes it as one of the resource's, collected with it.
 * @returns false when a Secret of somebody else has its name: it is not touched
 */
export async function writePairingSecret(
  cluster: Pick<Cluster, 'read' | 'apply'>,
  resource: Owned,
  { data, expiresAt }: Code,
): Promise<boolean> {
  const reference = referenceOf(resource)
  const there = await cluster.read(reference)
  if (there !== undefined && !isOwned(there, resource)) return false
  const { name, namespace, uid } = resource
  const secret: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: reference.name,
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'whatsapp-sender', 'app.kubernetes.io/component': 'pairing' },
      ownerReferences: [
        { apiVersion: API_VERSION, kind: 'WhatsAppInstance', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    data: { ...data, 'expires-at': base64Of(timestampOf(expiresAt)) },
  }
  await cluster.apply(secret, { force: true })
  return true
}

export async function removePairingSecret(cluster: Pick<Cluster, 'read' | 'remove'>, resource: Owned): Promise<void> {
  const reference = referenceOf(resource)
  const there = await cluster.read(reference)
  if (there !== undefined && isOwned(there, resource)) await cluster.remove(reference, { uid: there.metadata.uid })
}

function referenceOf(resource: Owned): ObjectReference {
  return { apiVersion: 'v1', kind: 'Secret', name: pairingSecretName(resource), namespace: resource.namespace }
}

const Owners = z.array(z.looseObject({ uid: z.string() }))

function isOwned({ metadata }: KubernetesObject, { uid }: Owned): boolean {
  return Owners.safeParse(metadata['ownerReferences']).data?.some((owner) => owner.uid === uid) ?? false
}

function base64Of(text: string): string {
  return Buffer.from(text).toString('base64')
}
