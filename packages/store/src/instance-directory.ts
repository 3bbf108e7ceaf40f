import { type Following, followChanges } from './follow-changes.ts'
import type { Instance, Instances } from './instances.ts'

export type InstanceDirectory = Following &
  Readonly<{
    name: string
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

  const isKnown = (id: string, revision: number): boolean => byId.get(id)?.revision === revision

  const take = (instance: Instance): void => {
    if (isKnown(instance.id, instance.revision)) return
    byId.set(instance.id, instance)
    if (instance.deletedAt === undefined) liveByName.set(instance.name, instance)
    else if (liveByName.get(instance.name)?.id === instance.id) liveByName.delete(instance.name)
    for (const listener of listeners) listener(instance)
  }

  const following = followChanges({
    read: async (since) => {
      const changed = await instances.changedSince(since, isKnown)
      // Deleted ones first: the name may belong to another instance by now.
      changed.sort((a, b) => Number(a.deletedAt === undefined) - Number(b.deletedAt === undefined))
      changed.forEach(take)
      return changed.reduce<Date | undefined>(
        (latest, { updatedAt }) => (latest !== undefined && latest >= updatedAt ? latest : updatedAt),
        undefined,
      )
    },
    everyMs: refreshMs,
    onError,
    now,
  })

  return {
    name: 'instance directory',
    ...following,
    get: (name) => liveByName.get(name),
    byId: (id) => byId.get(id),
    onChange: (listener) => {
      listeners.push(listener)
    },
  }
}
