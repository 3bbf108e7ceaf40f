import { z } from 'zod'
import { InstanceName } from './instance.ts'

/**
 * What is told of an instance to its owner:
 * - `instance.connected`, `instance.disconnected`: its phone can be sent through again, or cannot any more
 * - `qr.needed`: it sends nothing until somebody pairs a phone with it; once until it is connected again
 */
export const INSTANCE_EVENT_TYPES = ['instance.connected', 'instance.disconnected', 'qr.needed'] as const
export type InstanceEventType = (typeof INSTANCE_EVENT_TYPES)[number]

/** One event of an instance. Of one instance `n` counts from 1 without a gap. No code, no key, no token. */
export const InstanceEvent = z.object({
  v: z.literal(1),
  /** `<instance id>:<n>`. */
  id: z.string().min(3).max(80),
  n: z.int().positive(),
  type: z.enum(INSTANCE_EVENT_TYPES),
  /** When it was noticed, by the database's clock. */
  at: z.iso.datetime(),
  /** The owner of the instance at that time. */
  user: z.string().min(1).max(64),
  instance: InstanceName,
  instanceId: z.string().min(1).max(64),
})
export type InstanceEvent = Readonly<z.infer<typeof InstanceEvent>>
