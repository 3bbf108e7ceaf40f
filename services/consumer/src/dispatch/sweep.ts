import type { Ledger } from '@whatsapp-sender/store'

const EVERY_MS = 1000
/** How often the whole ledger is asked which instances have rows that nobody works on. */
const OVERLOOKED_EVERY = 30

/**
 * Finds rows that somebody else has changed or put there: schedules that fall due, replays, inserts by a non-owner. And,
 * more rarely, rows of own instances of which memory knows nothing, however they came to be overlooked.
 */
export function createSweep({
  ledger,
  storeNow,
  owns,
  reload,
  isIdle,
  onError,
}: Readonly<{
  ledger: Pick<Ledger, 'instancesToWake' | 'wake' | 'instancesWithOpenRows'>
  storeNow(): number
  owns(instance: string): boolean
  /** The instance may be unknown so far. */
  reload(instance: string): void
  /** Memory holds nothing of the instance, nor is it being read. */
  isIdle(instance: string): boolean
  onError(error: unknown): void
}>) {
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  let stopped = false
  let sweeps = 0

  const sweep = async (): Promise<void> => {
    try {
      const now = new Date(storeNow())
      const own = (await ledger.instancesToWake(now)).filter(owns)
      if (own.length > 0) await ledger.wake(own, now)
      own.filter(owns).forEach(reload)
      sweeps += 1
      if (sweeps % OVERLOOKED_EVERY === 0) await findOverlooked()
    } catch (error) {
      onError(error)
    }
    if (!stopped) timer = setTimeout(next, EVERY_MS)
  }
  const findOverlooked = async (): Promise<void> => {
    const before = (await ledger.instancesWithOpenRows()).filter((instance) => owns(instance) && isIdle(instance))
    before.forEach(reload)
  }
  const next = (): void => {
    sweeping = sweep()
  }

  return {
    name: 'sweep',
    start: async () => next(),
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await sweeping
    },
  }
}
