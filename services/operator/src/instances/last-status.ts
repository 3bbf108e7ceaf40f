import { z } from 'zod'
import { type Condition, Conditions } from '../conditions.ts'

const Known = z.object({
  phase: z.enum(['Pending', 'Pairing', 'Connected', 'Disconnected', 'Paused', 'Failed', 'Deleting']).optional(),
  connectionState: z.enum(['open', 'connecting', 'close']).optional(),
  instanceName: z.string().optional(),
  phoneNumber: z.string().optional(),
  lastSeen: z.string().optional(),
  pairing: z.object({ secretName: z.string(), expiresAt: z.string(), endsAt: z.string() }).optional(),
  pairingRequest: z.string().optional(),
  observedGeneration: z.number().optional(),
  conditions: Conditions,
})

/** What of the last status the next one is made from. Anything else in it is dropped. */
export type LastStatus = Readonly<z.infer<typeof Known>>

export function lastStatusOf(status: unknown): LastStatus {
  const parsed = Known.safeParse(status ?? {})
  return parsed.success ? parsed.data : { conditions: [] }
}

export function conditionOf({ conditions }: LastStatus, type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type)
}
