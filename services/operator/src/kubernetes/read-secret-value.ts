import { z } from 'zod'
import type { Cluster } from './cluster.ts'

const Data = z.record(z.string(), z.string())

/** `version`: that of the Secret; undefined: there is none. */
type SecretValue = (Readonly<{ value: string }> | Readonly<{ fault: string }>) &
  Readonly<{ version: string | undefined }>

/** One value of a Secret, without white space around it; or what is wrong, without a full stop, for people. */
export async function readSecretValue(
  cluster: Pick<Cluster, 'read'>,
  { namespace, name, key }: Readonly<{ namespace: string; name: string; key: string }>,
): Promise<SecretValue> {
  const secret = await cluster.read({ apiVersion: 'v1', kind: 'Secret', name, namespace })
  const version = secret?.metadata.resourceVersion
  const value = secret && Data.parse(secret['data'] ?? {})[key]
  if (value) return { value: Buffer.from(value, 'base64').toString().trim(), version }
  return { fault: secret === undefined ? `Secret ${name} is missing` : `Secret ${name} lacks ${key}`, version }
}
