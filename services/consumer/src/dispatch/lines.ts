import { type Carrier, createCarrier } from './carrier.ts'
import type { InstanceQueue } from './instance-queue.ts'
import { createRing, type Ring } from './ring.ts'

/** What goes to one Evolution server: who is next there, and what is on its way. */
export type Line = Readonly<{ ring: Ring<InstanceQueue>; carrier: Carrier }>

/** A line for each Evolution server, so that one that is slow takes no slot from another. */
export type Lines = Pick<Carrier, 'turnAway' | 'isHeld' | 'inFlight' | 'idle'> &
  Readonly<{
    of(instance: string): Line
    all(): Iterable<Line>
  }>

export function createLines({
  serverOf,
  ...carrying
}: Readonly<{ serverOf(instance: string): string }> & Parameters<typeof createCarrier>[0]): Lines {
  const lines = new Map<string, Line>()
  const carriers = (): Carrier[] => [...lines.values()].map(({ carrier }) => carrier)

  return {
    of: (instance) => {
      const server = serverOf(instance)
      const known = lines.get(server)
      if (known !== undefined) return known
      const line = { ring: createRing<InstanceQueue>(), carrier: createCarrier(carrying) }
      lines.set(server, line)
      return line
    },
    all: () => lines.values(),
    turnAway: () => {
      for (const carrier of carriers()) carrier.turnAway()
    },
    isHeld: (messageId) => {
      for (const { carrier } of lines.values()) if (carrier.isHeld(messageId)) return true
      return false
    },
    inFlight: () => carriers().reduce((sum, carrier) => sum + carrier.inFlight(), 0),
    idle: async () => void (await Promise.all(carriers().map((carrier) => carrier.idle()))),
  }
}
