import { z } from 'zod'
import { withRules } from './with-rules.ts'

/** Name of an object in the cluster. */
export const DnsLabel = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be lower case letters, digits and "-"')

export const HostName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'must be a host name in lower case')

/** An image with its tag or digest; `latest`, or none, would make every pod a surprise. */
export const Image = withRules(
  z
    .string()
    .max(512)
    .regex(
      /^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9._-]*(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/,
      'must be an image with a tag or a digest',
    ),
  [{ rule: "!self.endsWith(':latest')", message: 'an image is named by a version or a digest, not by latest' }],
)

/** As Kubernetes writes amounts: `250m`, `512Mi`, `20Gi`. */
const Quantity = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/, 'must be an amount, such as "250m" or "512Mi"')

export const Cidr = z
  .string()
  .max(43)
  .regex(/^[0-9a-fA-F.:]+\/[0-9]{1,3}$/, 'must be a network, such as "10.0.0.0/8"')

export const SecretName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be the name of a Secret')

/** One value of a Secret in the namespace of the custom resource. */
export function secretKeyRef(key: string) {
  return z.strictObject({
    name: SecretName.describe('Name of a Secret in the same namespace.'),
    key: z.string().min(1).max(253).default(key).describe('The key in it.'),
  })
}

export const Labels = z.record(z.string(), z.string().max(253)).describe('Labels, each with its value.')

/**
 * What a container asks for and may use. No limit of CPU: it would slow down what is idle elsewhere.
 */
export function resources(o: Readonly<{ cpu: string; memory: string; memoryLimit: string }>) {
  const requests = z.strictObject({ cpu: Quantity.default(o.cpu), memory: Quantity.default(o.memory) })
  const limits = z.strictObject({ cpu: Quantity.optional(), memory: Quantity.default(o.memoryLimit) })
  return z
    .strictObject({
      requests: requests.prefault({}).describe('What is reserved.'),
      limits: limits.prefault({}).describe('What is never exceeded.'),
    })
    .prefault({})
    .describe('CPU and memory.')
}

export type Resources = z.infer<ReturnType<typeof resources>>

export function storage(size: string) {
  return z
    .strictObject({
      size: Quantity.default(size).describe('Of each volume.'),
      className: DnsLabel.optional().describe('Storage class; left out: the default of the cluster.'),
    })
    .prefault({})
    .describe('Where the data lie.')
}
