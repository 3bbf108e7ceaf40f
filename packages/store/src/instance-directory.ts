import { type Instance, type Instances, VISIBILITY_LAG_MS } from './instances.ts'

export type InstanceDirectory = Readonly<{
  name: string
  start(): Promise<void>
  stop(): Promise<void>
  /** All instances have been read at least once. */
  isLoaded(): boolean
  /** Reads what changed now, instead of at the next turn. */
  refresh(): Promise<void>
  /** The live instance of that name. */
  get(name: string): Instance | undefined
  /** Deleted ones too. */
  byId(id: string): Instance | undefined
  /** The listener is called for each instance that is new or changed. */
  onChange(listener: (instance: Instance) => void): void
}>

/**
 * All instances in memory, for the paths that cannot ask the database each time. Follows changes every `refreshMs`;
 * while MongoDB is down it goes on answering from what it read last.
 */
export function createInstanceDirectory({
  instances,
  refreshMs = 1000,
  onError,
  now = () => performance.now(),
}: Readonly<{
  instances: Pick<Instances, 'changedSince'>
  refreshMs?: number
  onError(error: unknown): void
  /** Monotonic, ms. */
  now?: () => number
}>): InstanceDirectory {
  const byId = new Map<string, Instance>()
  const liveByName = new Map<string, Instance>()
  const listeners: ((instance: Instance) => void)[] = []
  let newest: Readonly<{ updatedAt: Date; seenAt: number }> | undefined
  let loaded = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let refreshing: Promise<void> | undefined

  const isKnown = (id: string, revision: number): boolean => byId.get(id)?.revision === revision

  const take = (instance: Instance): void => {
    if (isKnown(instance.id, instance.revision)) return
    byId.set(instance.id, instance)
    if (instance.deletedAt === undefined) liveByName.set(instance.name, instance)
    else if (liveByName.get(instance.name)?.id === instance.id) liveByName.delete(instance.name)
    for (const listener of listeners) listener(instance)
  }

  const read = async (): Promise<void> => {
    const changed = await instances.changedSince(newest && safeSince(newest, now()), isKnown)
    // Deleted ones first: the name may belong to another instance by now.
    changed.sort((a, b) => Number(a.deletedAt === undefined) - Number(b.deletedAt === undefined))
    changed.forEach(take)
    for (const { updatedAt } of changed)
      if (newest === undefined || updatedAt > newest.updatedAt) newest = { updatedAt, seenAt: now() }
    loaded = true
  }

  const refresh = async (): Promise<void> => {
    // A read that began before this call may have missed what the caller wants to see.
    if (refreshing !== undefined) await refreshing.catch(() => {})
    refreshing ??= read().finally(() => {
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
    if (!stopped) timer = setTimeout(() => void follow(), refreshMs)
  }

  return {
    name: 'instance directory',
    /** Does not fail when MongoDB is down: `isLoaded` tells. */
    start: follow,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await refreshing?.catch(() => {})
    },
    isLoaded: () => loaded,
    refresh,
    get: (name) => liveByName.get(name),
    byId: (id) => byId.get(id),
    onChange: (listener) => {
      listeners.push(listener)
    },
  }
}

/** The newest change moves on with the clock, so that what was read long ago is not read again each time. */
function safeSince({ updatedAt, seenAt }: Readonly<{ updatedAt: Date; seenAt: number }>, now: number): Date {
  return new Date(updatedAt.getTime() + Math.min(now - seenAt, VISIBILITY_LAG_MS))
}
