/** How long a write can stay unseen after one that carries a later time: it waited for its majority, or clocks differ. */
export const VISIBILITY_LAG_MS = 10_000

export type Following = Readonly<{
  /** Does not fail when MongoDB is down: `isLoaded` tells. Resolves after the first read. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Everything has been read at least once. */
  isLoaded(): boolean
  /** Reads what changed now, instead of at the next turn. Sees what was written before it was called. */
  refresh(): Promise<void>
}>

/** Keeps a memory of what the database holds up to date, by reading again and again what has changed. */
export function followChanges({
  read,
  everyMs,
  onError,
  now,
}: Readonly<{
  /**
   * Takes in what changed up to `VISIBILITY_LAG_MS` before `since` or later, everything without it; the latest time that
   * it met.
   */
  read(since: Date | undefined): Promise<Date | undefined>
  everyMs: number
  onError(error: unknown): void
  /** Monotonic, ms. */
  now(): number
}>): Following {
  let newest: Readonly<{ changedAt: Date; seenAt: number }> | undefined
  let loaded = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let refreshing: Promise<void> | undefined

  const readOnce = async (): Promise<void> => {
    const latest = await read(newest && safeSince(newest, now()))
    if (latest !== undefined && (newest === undefined || latest > newest.changedAt))
      newest = { changedAt: latest, seenAt: now() }
    loaded = true
  }

  const refresh = async (): Promise<void> => {
    // A read that began before this call may have missed what the caller wants to see.
    if (refreshing !== undefined) await refreshing.catch(() => {})
    refreshing ??= readOnce().finally(() => {
      refreshing = undefined
    })
    await refreshing
  }

  const follow = async (): Promise<void> => {
    try {
      await refresh()
    } catch (error) {
      onError(error)
    }
    if (!stopped) timer = setTimeout(() => void follow(), everyMs)
  }

  return {
    start: follow,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await refreshing?.catch(() => {})
    },
    isLoaded: () => loaded,
    refresh,
  }
}

/** The newest change moves on with the clock, so that what was read long ago is not read again each time. */
function safeSince({ changedAt, seenAt }: Readonly<{ changedAt: Date; seenAt: number }>, now: number): Date {
  return new Date(changedAt.getTime() + Math.min(now - seenAt, VISIBILITY_LAG_MS))
}
