import { z } from 'zod'
import { EVENT_NAMES } from './webhook-envelope.ts'

/**
 * How a test wants an instance's events, or those of all with `*`; `{}` calls it off.
 * `copies`: each is posted so many times. `swap`: each second one overtakes the one before it. `beforeAnswer`: a send is
 * answered only when its events, the receipts included, were posted. `delayMs`: they come so much later.
 * `serverAck`: a receipt SERVER_ACK, which the recorded server left out, comes first. `events` limits all but
 * `beforeAnswer` to some.
 */
export const EventOrder = z.strictObject({
  never: z.boolean().optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
  copies: z.number().int().min(1).max(10).optional(),
  swap: z.boolean().optional(),
  beforeAnswer: z.boolean().optional(),
  serverAck: z.boolean().optional(),
  events: z.array(z.enum(EVENT_NAMES)).optional(),
})
export type EventOrder = z.infer<typeof EventOrder>

export type EventOrders = Readonly<{
  set(name: string, order: EventOrder): void
  of(name: string): EventOrder | undefined
}>

export function createEventOrders(): EventOrders {
  const byName = new Map<string, EventOrder>()
  return {
    set(name, order) {
      if (Object.keys(order).length === 0) byName.delete(name)
      else byName.set(name, order)
    },
    of: (name) => byName.get(name) ?? byName.get('*'),
  }
}
