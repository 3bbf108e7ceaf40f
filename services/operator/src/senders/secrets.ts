import { createHmac } from 'node:crypto'
import { generatedSecrets, type RequiredSecret, requiredSecrets, type WhatsAppSender } from '@whatsapp-sender/infra'
import { z } from 'zod'
import type { Cluster } from '../kubernetes/cluster.ts'
import { isConflict } from '../kubernetes/kubernetes-error.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'

const Data = z.record(z.string(), z.string())
const HASH_LENGTH = 12

/** What has to be done by a person before pods can start. */
export type SecretFault = Readonly<{ reason: 'SecretMissing' | 'KeysLost'; message: string }>

/**
 * Makes the Secrets that nobody has to think of, once, and tells the first that is missing or lacks a key. Its keys encrypt
 * what is kept, so one that is lost after the first time is not made again: with other keys what is kept is unreadable.
 */
export async function ensureSecrets(
  cluster: Pick<Cluster, 'read' | 'create'>,
  sender: WhatsAppSender,
  { isFirst }: Readonly<{ isFirst: boolean }>,
): Promise<SecretFault | undefined> {
  const required = requiredSecrets(sender)
  for (const secret of required) {
    const found = await readSecret(cluster, sender.namespace, secret.name)
    const isKeys = secret.keys.includes('SECRET_KEY')
    if (found === undefined && secret.isGenerated && isKeys && !isFirst) {
      const message = `Secret ${secret.name} is gone. What is kept was encrypted with it: restore it.`
      return { reason: 'KeysLost', message }
    }
    const fault = found === undefined ? await make(cluster, sender, secret) : faultOf(secret, found.data)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** By the name of a Secret its version; undefined: there is none. */
export type SecretVersions = ReadonlyMap<string, string | undefined>

/**
 * What changes when a Secret does, by its name. Keyed with the keys of the sender, since a digest alone would let whoever
 * sees it try passwords. Secrets that are not there yet have no hash.
 */
export async function hashSecrets(
  cluster: Pick<Cluster, 'read'>,
  namespace: string,
  { names, keyedBy }: Readonly<{ names: readonly string[]; keyedBy: string }>,
): Promise<Readonly<{ hashes: Readonly<Record<string, string>>; versions: SecretVersions }>> {
  const secrets = await Promise.all(
    names.map(async (name) => [name, await readSecret(cluster, namespace, name)] as const),
  )
  const key = JSON.stringify(sortedEntries((await readSecret(cluster, namespace, keyedBy))?.data))
  const hashes = Object.fromEntries(
    secrets.flatMap(([name, secret]) => {
      if (secret === undefined) return []
      const content = JSON.stringify(sortedEntries(secret.data))
      return [[name, createHmac('sha256', key).update(content).digest('hex').slice(0, HASH_LENGTH)]]
    }),
  )
  return { hashes, versions: new Map(secrets.map(([name, secret]) => [name, secret?.version])) }
}

/** The names of all Secrets whose files the pods of these objects read. */
export function secretsReadBy(objects: readonly KubernetesObject[]): readonly string[] {
  return [...new Set(objects.flatMap(({ spec }) => namesIn(PodTemplate.safeParse(spec).data)))].sort()
}

const PodTemplate = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({
      volumes: z
        .array(
          z.looseObject({
            projected: z
              .looseObject({
                sources: z.array(z.looseObject({ secret: z.looseObject({ name: z.string() }).optional() })),
              })
              .optional(),
          }),
        )
        .optional(),
    }),
  }),
})

function namesIn(spec: z.infer<typeof PodTemplate> | undefined): string[] {
  const volumes = spec?.template.spec.volumes ?? []
  return volumes.flatMap(({ projected }) => (projected?.sources ?? []).flatMap(({ secret }) => secret?.name ?? []))
}

async function make(
  cluster: Pick<Cluster, 'create'>,
  sender: WhatsAppSender,
  required: RequiredSecret,
): Promise<SecretFault | undefined> {
  const [secret] = generatedSecrets(sender, [required])
  if (secret === undefined) {
    return { reason: 'SecretMissing', message: `Secret ${required.name} with ${required.keys.join(', ')} is missing.` }
  }
  await cluster.create({ ...secret, metadata: { ...secret.metadata } }).catch((error: unknown) => {
    // Somebody was faster; the next time it is looked at.
    if (!isConflict(error)) throw error
  })
  return undefined
}

function faultOf({ name, keys }: RequiredSecret, found: z.infer<typeof Data>): SecretFault | undefined {
  const missing = keys.filter((key) => !found[key])
  if (missing.length === 0) return undefined
  return { reason: 'SecretMissing', message: `Secret ${name} lacks ${missing.join(', ')}.` }
}

async function readSecret(
  cluster: Pick<Cluster, 'read'>,
  namespace: string,
  name: string,
): Promise<Readonly<{ data: z.infer<typeof Data>; version: string | undefined }> | undefined> {
  const secret = await cluster.read({ apiVersion: 'v1', kind: 'Secret', name, namespace })
  if (secret === undefined) return undefined
  return { data: Data.parse(secret['data'] ?? {}), version: secret.metadata.resourceVersion }
}

function sortedEntries(data: z.infer<typeof Data> = {}): [string, string][] {
  return Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))
}
