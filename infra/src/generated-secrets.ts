import { randomBytes } from 'node:crypto'
import type { KubernetesObject } from './kubernetes-object.ts'
import { labelsOf } from './rendering.ts'
import type { RequiredSecret } from './secret-files.ts'

const BYTES = 32

/**
 * The Secrets that nobody has to think of, with new random values: to be made where they are missing, and never again,
 * for what is kept is encrypted with them.
 */
export function generatedSecrets(
  { name, namespace }: Readonly<{ name: string; namespace: string }>,
  required: readonly RequiredSecret[],
): readonly KubernetesObject[] {
  return required
    .filter(({ isGenerated }) => isGenerated)
    .map((secret) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: secret.name, namespace, labels: labelsOf(name) },
      stringData: Object.fromEntries(secret.keys.map((key) => [key, randomBytes(BYTES).toString('base64url')])),
    }))
}
