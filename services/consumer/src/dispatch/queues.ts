import { forgetParked, type InstanceQueue, newInstanceQueue } from './instance-queue.ts'

/** The instances that this process has in memory. */
export type Queues = Readonly<{
  /** The instance's queue; a new one is read from the ledger, unless the ledger surely holds nothing of it. */
  of(instance: string): InstanceQueue
  get(instance: string): InstanceQueue | undefined
  all(): InstanceQueue[]
  size(): number
  /** Forgets all others; what is in flight of them ends by itself. */
  keep(isKept: (instance: string) => boolean): void
}>

export function createQueues({
  isPartitionLoaded,
  onNew,
  onDropped,
}: Readonly<{
  isPartitionLoaded(instance: string): boolean
  /** The queue has to be filled from the ledger. */
  onNew(queue: InstanceQueue): void
  onDropped(queue: InstanceQueue): void
}>): Queues {
  const queues = new Map<string, InstanceQueue>()
  const parkedInAll = { count: 0 }
  const drop = (queue: InstanceQueue): void => {
    queue.dropped = true
    queues.delete(queue.name)
    onDropped(queue)
    forgetParked(queue)
    clearTimeout(queue.timer)
    clearTimeout(queue.asideTimer)
    for (const lane of queue.lanes.values()) clearTimeout(lane.timer)
  }
  return {
    of: (instance) => {
      const known = queues.get(instance)
      if (known !== undefined) return known
      const queue = newInstanceQueue(instance, parkedInAll)
      queues.set(instance, queue)
      if (isPartitionLoaded(instance)) {
        queue.state = 'live'
        queue.more = false
      } else onNew(queue)
      return queue
    },
    get: (instance) => queues.get(instance),
    all: () => [...queues.values()],
    size: () => queues.size,
    keep: (isKept) => {
      for (const queue of [...queues.values()]) if (!isKept(queue.name)) drop(queue)
    },
  }
}
