import { partitionOf } from '@whatsapp-sender/contract'
import type { Consumer } from 'kafkajs'

/** A member whose last accepted heartbeat is older may have been thrown out of the group without knowing. */
const HEARTBEAT_AGE_MAX_MS = 15_000

/**
 * Which instances this process owns: those whose partition the group has given it.
 * `mayBegin` is false from the moment a rebalance is known, or ought to be feared, until the group has spoken again.
 */
export type Assignment = Readonly<{
  owns(instance: string): boolean
  partitionOf(instance: string): number
  mayBegin(): boolean
  partitions(): readonly number[]
  /** The count of partitions may grow while the group runs. Answers whether it is another one than before. */
  setPartitionCount(count: number): boolean
  stop(): void
}>

export function watchAssignment({
  consumer,
  topic,
  monotonic,
  onAssigned,
  onLost,
  onResumed,
}: Readonly<{
  consumer: Pick<Consumer, 'on' | 'events'>
  topic: string
  monotonic(): number
  /** `kept`: everything owned before is owned without a gap. */
  onAssigned(kept: boolean): void
  onLost(): void
  /** Heartbeats are accepted again after a silence that had closed `mayBegin`. */
  onResumed(): void
}>): Assignment {
  let assigned = new Set<number>()
  let count = 1
  let memberId: string | undefined
  let rebalancing = true
  let beatAt = Number.NEGATIVE_INFINITY
  let stopped = false

  const isFresh = () => monotonic() - beatAt < HEARTBEAT_AGE_MAX_MS
  const lose = (): void => {
    rebalancing = true
    assigned = new Set()
    memberId = undefined
    onLost()
  }

  const { events } = consumer
  consumer.on(events.REBALANCING, () => {
    rebalancing = true
  })
  consumer.on(events.GROUP_JOIN, ({ payload }) => {
    const kept = payload.memberId === memberId && isFresh()
    memberId = payload.memberId
    assigned = new Set(payload.memberAssignment[topic] ?? [])
    rebalancing = stopped
    beatAt = monotonic()
    onAssigned(kept)
  })
  consumer.on(events.HEARTBEAT, () => {
    const wasFresh = isFresh()
    beatAt = monotonic()
    if (!wasFresh) onResumed()
  })
  for (const event of [events.CRASH, events.STOP, events.DISCONNECT]) consumer.on(event, lose)

  const partition = (instance: string) => partitionOf(instance, count)
  return {
    owns: (instance) => assigned.has(partition(instance)),
    partitionOf: partition,
    mayBegin: () => !rebalancing && !stopped && isFresh(),
    partitions: () => [...assigned],
    setPartitionCount: (next) => {
      const isAnother = next !== count
      count = next
      return isAnother
    },
    stop: () => {
      stopped = true
      rebalancing = true
    },
  }
}
