import { setTimeout as wait } from 'node:timers/promises'
import type { Ledger } from '@whatsapp-sender/store'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { Assignment } from '../kafka/assignment.ts'

const RETRY_MS = 500

export type Ownership = Readonly<{
  /** The group has spoken. `kept`: what was owned before is owned without a gap. */
  assigned(kept: boolean): void
  lost(): void
  /** The topic has another count of partitions: instances have moved between them. */
  recounted(): void
  /** Everything that the ledger held of this partition when it was assigned is in memory or known to be there. */
  isLoaded(partition: number): boolean
}>

/** Makes the dispatcher's memory follow what the consumer group assigns. */
export function createOwnership({
  assignment,
  dispatcher,
  ledger,
  onError,
}: Readonly<{
  assignment(): Pick<Assignment, 'partitions' | 'owns'>
  dispatcher(): Pick<Dispatcher, 'take' | 'dropAll' | 'dropForeign' | 'look'>
  ledger: Pick<Ledger, 'instancesWithOpenRows'>
  onError(error: unknown): void
}>): Ownership {
  const loaded = new Set<number>()
  let epoch = 0

  const load = async (): Promise<void> => {
    const mine = epoch
    const partitions = assignment().partitions()
    if (partitions.every((partition) => loaded.has(partition))) return
    const instances = await untilRead(() => mine === epoch)
    if (mine !== epoch) return
    for (const instance of instances.filter(assignment().owns)) dispatcher().take(instance)
    for (const partition of partitions) loaded.add(partition)
  }

  const untilRead = async (isWanted: () => boolean): Promise<string[]> => {
    while (isWanted()) {
      try {
        return await ledger.instancesWithOpenRows()
      } catch (error) {
        onError(error)
        await wait(RETRY_MS)
      }
    }
    return []
  }

  const assigned = (kept: boolean): void => {
    epoch += 1
    const own = new Set(assignment().partitions())
    for (const partition of loaded) if (!kept || !own.has(partition)) loaded.delete(partition)
    if (kept) dispatcher().dropForeign()
    else dispatcher().dropAll()
    dispatcher().look()
    void load()
  }

  return {
    assigned,
    recounted: () => {
      loaded.clear()
      assigned(true)
    },
    lost: () => {
      epoch += 1
      loaded.clear()
      dispatcher().dropAll()
    },
    isLoaded: (partition) => loaded.has(partition),
  }
}
