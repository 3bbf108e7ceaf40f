import type { Ledger } from '@whatsapp-sender/store'

const EVERY_MS = 1000

/** Finds rows that somebody else has changed or put there: schedules that fall due, replays, inserts by a non-owner. */
export function createSweep({
  ledger,
  storeNow,
  owns,
  reload,
  onError,
}: Readonly<{
  ledger: Pick<Ledger, 'instancesToWake' | 'wake'>
  storeNow(): number
  owns(instance: string): boolean
  /** The instance may be unknown so far. */
  reload(instance: string): void
  onError(error: unknown): void
}>) {
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  let stopped = false

  const sweep = async (): Promise<void> => {
    try {
      const now = new Date(storeNow())
      const own = (await ledger.instancesToWake(now)).filter(owns)
      if (own.length > 0) await ledger.wake(own, now)
      own.forEach(reload)
    } catch (error) {
      onError(error)
    }
    if (!stopped) timer = setTimeout(next, EVERY_MS)
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
