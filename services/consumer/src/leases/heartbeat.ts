import type { Processes, ProcessFacts } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'

const BEAT_EVERY_MS = 5000

/** Renews this process's lease and carries the database's clock into it. */
export function createHeartbeat({
  processes,
  id,
  clock,
  facts,
  onRenewed,
  onError,
}: Readonly<{
  processes: Pick<Processes, 'beat' | 'remove'>
  id: string
  clock: Clock
  facts(): ProcessFacts
  /** `sinceMs`: since the renewal before; undefined of the first. */
  onRenewed(sinceMs: number | undefined): void
  onError(error: unknown): void
}>) {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let renewedAt: number | undefined
  let beating: Promise<void> = Promise.resolve()
  const firstBeat = Promise.withResolvers<void>()

  const beat = async (): Promise<void> => {
    clearTimeout(timer)
    try {
      const askedAt = clock.monotonic()
      clock.adjust(await processes.beat(id, facts()), askedAt)
      onRenewed(renewedAt === undefined ? undefined : askedAt - renewedAt)
      renewedAt = askedAt
      firstBeat.resolve()
    } catch (error) {
      onError(error)
    }
    if (!stopped) timer = setTimeout(next, BEAT_EVERY_MS)
  }
  const next = (): void => {
    beating = beat()
  }

  return {
    name: 'heartbeat',
    /** The lease has been there, and the clock has been the database's, once; or the process stops first. */
    untilBeaten: (): Promise<void> => firstBeat.promise,
    /** Since the lease was last renewed, ms; 0 before the first time. */
    ageMs: (): number => (renewedAt === undefined ? 0 : clock.monotonic() - renewedAt),
    /** Tells what has changed without waiting for the next beat. */
    beatNow: (): void => {
      if (stopped) return
      clearTimeout(timer)
      beating = beating.then(beat)
    },
    start: async (): Promise<void> => {
      next()
      await beating
    },
    stop: async (): Promise<void> => {
      stopped = true
      firstBeat.resolve()
      clearTimeout(timer)
      await beating
      await processes.remove(id).catch(onError)
    },
  }
}
