import { createHash } from 'node:crypto'
import {
  generatedSecrets,
  type RequiredSecret,
  requiredSecrets,
  type SecretDigest,
  type WhatsAppSender,
} from '@whatsapp-sender/infra'
import { z } from 'zod'
import type { Cluster } from '../kubernetes/cluster.ts'
import { isConflict } from '../kubernetes/kubernetes-error.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import type { SecretVersions } from '../kubernetes/secret-poll.ts'

const Data = z.record(z.string(), z.string())
const DIGEST_LENGTH = 12

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
  // What only one pod waits for may come later: the key of the canary is made at the API, which has to run for that.
  const required = requiredSecrets(sender).filter(({ onlyPod }) => onlyPod === undefined)
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

/**
 * What changes when values of these Secrets do. It needs no key of its own: one digest is of all that a pod reads, and
 * every pod reads a value that is long and random, so that nobody who sees it can try the others.
 */
export async function readSecrets(
  cluster: Pick<Cluster, 'read'>,
  namespace: string,
  names: readonly string[],
): Promise<Readonly<{ digestOf: SecretDigest; versions: SecretVersions }>> {
  const secrets = new Map(
    await Promise.all(names.map(async (name) => [name, await readSecret(cluster, namespace, name)] as const)),
  )
  return {
    digestOf: (values) => {
      const content = values.flatMap(({ secret, key }) =>
        Object.entries(secrets.get(secret)?.data ?? {})
          .filter(([each]) => key === undefined || each === key)
          .map((entry) => [secret, ...entry]),
      )
      if (content.length === 0) return undefined
      return createHash('sha256')
        .update(JSON.stringify(content.sort(byWords)))
        .digest('hex')
        .slice(0, DIGEST_LENGTH)
    },
    versions: new Map([...secrets].map(([name, secret]) => [name, secret?.version])),
  }
}

/** The names of all Secrets that the pods of these objects read, as files or in their environment. */
export function secretsReadBy(objects: readonly KubernetesObject[]): readonly string[] {
  return [...new Set(objects.flatMap(({ spec }) => namesIn(PodTemplate.safeParse(spec).data)))].sort()
}

const Named = z.looseObject({ name: z.string() })

const PodTemplate = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({
      containers: z
        .array(
          z.looseObject({
            env: z
              .array(z.looseObject({ valueFrom: z.looseObject({ secretKeyRef: Named.optional() }).optional() }))
              .default([]),
          }),
        )
        .default([]),
      volumes: z
        .array(
          z.looseObject({
            projected: z
              .looseObject({
                sources: z.array(z.looseObject({ secret: Named.optional() })),
              })
              .optional(),
          }),
        )
        .optional(),
    }),
  }),
})

function namesIn(spec: z.infer<typeof PodTemplate> | undefined): string[] {
  const { volumes = [], containers = [] } = spec?.template.spec ?? {}
  const inFiles = volumes.flatMap(({ projected }) => projected?.sources ?? [])
  const inVariables = containers.flatMap(({ env }) => env)
  return [
    ...inFiles.flatMap(({ secret }) => secret?.name ?? []),
    ...inVariables.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
  ]
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

function byWords(a: readonly string[], b: readonly string[]): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}
