import type { DueWork, ExpiredMessage, Ledger, OrderKey } from '@whatsapp-sender/store'

/** What somebody changes takes effect within two seconds; looking oftener would be most of what an idle consumer asks. */
const EVERY_MS = 1800
/** How often the whole ledger is asked which instances have rows that nobody works on. */
const OVERLOOKED_EVERY = 17
/** Rows that are ended together, and how often one sweep does so. */
const EXPIRED_MAX = 1000
const EXPIRIES_MAX = 10
/** Writes of one sweep that open rows, 2,000 each. */
const WAKES_MAX = 5
/** An owner that has not ended an expired row after so long is busy with being one no more. */
const FOREIGN_AFTER_MS = 5000

const EXPIRED = { code: 'expired', detail: 'The message was not sent before its time ran out.' }

/**
 * Finds rows that somebody else has changed or put there: schedules that fall due, replays, edits, inserts by a
 * non-owner. Ends those that wait and have expired, whatever they wait for. And, more rarely, finds rows of own instances
 * of which memory knows nothing, however they came to be overlooked.
 */
export function createSweep({
  ledger,
  storeNow,
  owns,
  reload,
  isIdle,
  onExpired,
  onError,
}: Readonly<{
  ledger: Pick<Ledger, 'dueWork' | 'wake' | 'callOwner' | 'endWaiting' | 'read' | 'instancesWithOpenRows'>
  storeNow(): number
  owns(instance: string): boolean
  /** The instance may be unknown so far. */
  reload(instance: string): void
  /** Memory holds nothing of the instance, nor is it being read. */
  isIdle(instance: string): boolean
  onExpired(row: Omit<ExpiredMessage, 'expiresAt'>): void
  onError(error: unknown): void
}>) {
  /** Instances of which rows are being opened, and where in their order the opening began. */
  let opening: ReadonlyMap<string, OrderKey> = new Map()
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  let stopped = false
  let sweeps = 0

  const sweep = async (): Promise<void> => {
    try {
      const now = new Date(storeNow())
      let due = await ledger.dueWork(now, EXPIRED_MAX)
      for (let n = 1; (await expire(due.expired, now)) === EXPIRED_MAX && n < EXPIRIES_MAX; n += 1)
        due = await ledger.dueWork(now, EXPIRED_MAX)
      await open(due.wake, now)
      sweeps += 1
      if (sweeps % OVERLOOKED_EVERY === 0) await findOverlooked()
    } catch (error) {
      onError(error)
    }
    if (!stopped) timer = setTimeout(next, EVERY_MS)
  }

  const expire = async (rows: DueWork['expired'], now: Date): Promise<number> => {
    const isLeft = (expiresAt: Date) => now.getTime() - expiresAt.getTime() > FOREIGN_AFTER_MS
    const over = rows.filter((row) => owns(row.instance) || isLeft(row.expiresAt))
    if (over.length === 0) return 0
    const ids = over.map(({ id }) => id)
    const ended = await ledger.endWaiting(ids, 'expired', EXPIRED)
    for (const row of ended === ids.length ? over : await expiredOf(ids)) onExpired(row)
    return ended
  }

  const expiredOf = async (ids: readonly string[]) =>
    (await ledger.read(ids))
      .filter(({ status }) => status === 'expired' || status === 'unknown')
      .map((row) => ({ ...row, mayHaveLeft: row.status === 'unknown' }))

  const open = async (due: DueWork['wake'], now: Date): Promise<void> => {
    const own = due.filter(({ instance }) => owns(instance))
    // Those of a sweep that did not come to its end are read anew, too: their marks may be gone.
    opening = new Map([...opening, ...own.map(({ instance, from }) => [instance, keyFrom(from)] as const)])
    const names = [...opening.keys()]
    if (names.length === 0) return
    let isMore = true
    for (let wakes = 0; isMore && wakes < WAKES_MAX; wakes += 1) isMore = await ledger.wake(names, now)
    // What is left is opened by the next sweep: until then nothing of it, nor what comes after it, may be read.
    if (!isMore) opening = new Map()
    names.filter(owns).forEach(reload)
    // Whoever has these by now may have read them before their marks were taken away.
    await ledger.callOwner(names.filter((name) => !owns(name)))
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
    /** First row of an instance that is on its way to being open: an older one of them may still be shut. */
    openingFrom: (instance: string): OrderKey | undefined => opening.get(instance),
  }
}

/** Rows are opened in the order of their times, and what is scheduled has its time for a place. */
function keyFrom(time: Date): OrderKey {
  return { appendedAt: time.getTime(), offset: 0n }
}
