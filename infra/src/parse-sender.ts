import { z } from 'zod'
import { structuralSchema } from './schema/structural-schema.ts'
import { checkRules } from './spec/check-rules.ts'
import { API_VERSION } from './spec/group.ts'
import { WhatsAppSenderSpec } from './spec/sender-spec.ts'

const Resource = z.looseObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('WhatsAppSender'),
  metadata: z.looseObject({ name: z.string().max(40), namespace: z.string().max(63).optional() }),
})

/** A custom resource that cannot be used; the message names every field at fault. */
export class InvalidResourceError extends Error {
  override readonly name = 'InvalidResourceError'
  readonly faults: readonly Readonly<{ path: string; message: string }>[]

  constructor(faults: readonly Readonly<{ path: string; message: string }>[]) {
    super(faults.map(({ path, message }) => `${path}: ${message}`).join('\n'))
    this.faults = faults
  }
}

export type WhatsAppSender = Readonly<{ name: string; namespace: string; spec: WhatsAppSenderSpec }>

/**
 * The custom resource with its defaults, whether the API server has filled them in or not.
 * @throws {InvalidResourceError}
 */
export function parseSender(resource: unknown): WhatsAppSender {
  const head = Resource.safeParse(resource)
  if (!head.success) throw new InvalidResourceError(faultsOf(head.error, ''))
  const { metadata } = head.data
  return { name: metadata.name, namespace: metadata.namespace ?? 'default', spec: parseSenderSpec(head.data['spec']) }
}

/**
 * A specification alone, as it stands in the values of the chart.
 * @throws {InvalidResourceError}
 */
export function parseSenderSpec(spec: unknown): WhatsAppSenderSpec {
  const parsed = WhatsAppSenderSpec.safeParse(spec ?? {})
  if (!parsed.success) throw new InvalidResourceError(faultsOf(parsed.error, 'spec'))
  const faults = checkRules(SCHEMA, { value: parsed.data, path: 'spec' })
  if (faults.length > 0) throw new InvalidResourceError(faults)
  return parsed.data
}

const SCHEMA = structuralSchema(WhatsAppSenderSpec)

function faultsOf(error: z.ZodError, root: string) {
  return error.issues.map(({ path, message }) => ({
    path: [root, ...path].filter((part) => part !== '').join('.'),
    message,
  }))
}
