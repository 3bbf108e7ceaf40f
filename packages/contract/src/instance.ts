import { z } from 'zod'

/** Name of an Evolution instance: it becomes a path segment and a Kafka key. */
export const InstanceName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"')

export const InstanceState = z.enum(['open', 'connecting', 'close'])
export type InstanceState = z.infer<typeof InstanceState>

/**
 * How fast an instance may send. `perMinute` 0 means no limit; `burst` messages may leave at once after a silence.
 */
export const Pace = z.object({
  perMinute: z.number().min(0).max(6000),
  burst: z.number().int().min(1).max(100),
})
export type Pace = Readonly<z.infer<typeof Pace>>
