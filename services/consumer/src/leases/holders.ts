import type { Processes } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'

/** While somebody wants to know; else no oftener than heartbeats are written. */
const READ_EVERY_MS = 2000
const READ_IDLY_MS = 5000
const WANTED_MS = 10_000
/** A holder whose heartbeat stands still this long is gone: four heartbeats missed. */
export const GONE_AFTER_MS = 20_000
/** Nobody asks for a holder that has been away for so long: its claims were judged long ago. */
const FORGOTTEN_MS = 3_600_000

type Sight = { beat: number; since: number }

export type Holders = Readonly<{
  name: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Seen by this process's own clock, over successful reads only: the holder's heartbeat has stood still. */
  isGone(id: string): boolean
}>

/** Watches the heartbeats of all processes, so that it is known early who is gone. */
export function createHolders({
  processes,
  clock,
  onError,
}: Readonly<{
  processes: Pick<Processes, 'all'>
  clock: Pick<Clock, 'monotonic'>
  onError(error: unknown): void
}>): Holders {
  const sights = new Map<string, Sight>()
  /** When the last read that succeeded was asked for. */
  let readAt = Number.NEGATIVE_INFINITY
  let askedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const read = async (): Promise<void> => {
    const begun = clock.monotonic()
    try {
      const beats = new Map((await processes.all()).map(({ id, beat }) => [id, beat]))
      const now = clock.monotonic()
      for (const [id, beat] of beats) note(id, beat, now)
      for (const [id, { beat, since }] of sights) {
        if (beats.has(id)) continue
        if (beat === -1 && now - since > FORGOTTEN_MS) sights.delete(id)
        else note(id, -1, now)
      }
      readAt = begun
    } catch (error) {
      onError(error)
      // What was not watched proves nothing: everybody's silence begins anew.
      const now = clock.monotonic()
      for (const sight of sights.values()) sight.since = now
    }
    const isWanted = clock.monotonic() - askedAt < WANTED_MS
    if (!stopped) timer = setTimeout(() => void read(), isWanted ? READ_EVERY_MS : READ_IDLY_MS)
  }

  const note = (id: string, beat: number, now: number): void => {
    const sight = sights.get(id)
    if (sight === undefined) sights.set(id, { beat, since: now })
    else if (sight.beat !== beat) sights.set(id, { beat, since: now })
  }

  return {
    name: 'holders',
    start: () => read(),
    stop: async () => {
      stopped = true
      clearTimeout(timer)
    },
    isGone: (id) => {
      askedAt = clock.monotonic()
      const sight = sights.get(id)
      if (sight === undefined) {
        sights.set(id, { beat: -1, since: clock.monotonic() })
        return false
      }
      return readAt - sight.since >= GONE_AFTER_MS
    },
  }
}
