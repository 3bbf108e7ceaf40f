import { partitionOf } from '@whatsapp-sender/contract'
import type { Consumer } from 'kafkajs'
import { ageOf, type Clock, type Moment } from '../dispatch/clock.ts'

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
  heartbeatAgeMaxMs,
  clock,
  onAssigned,
  onClosing,
  onLost,
  onResumed,
}: Readonly<{
  consumer: Pick<Consumer, 'on' | 'events'>
  topic: string
  /** A member whose last accepted heartbeat is older may have been thrown out of the group without knowing. */
  heartbeatAgeMaxMs: number
  clock: Pick<Clock, 'monotonic' | 'wall'>
  /** `kept`: everything owned before is owned without a gap. */
  onAssigned(kept: boolean): void
  /** Nothing may begin any more: a rebalance, or the stop. */
  onClosing(): void
  onLost(): void
  /** Heartbeats are accepted again after a silence that had closed `mayBegin`. */
  onResumed(): void
}>): Assignment {
  let assigned = new Set<number>()
  let count = 1
  let memberId: string | undefined
  let rebalancing = true
  let beatAt: Moment = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY }
  let stopped = false

  const isFresh = () => ageOf(beatAt, clock) < heartbeatAgeMaxMs
  const noteBeat = (): void => {
    beatAt = { monotonic: clock.monotonic(), wall: clock.wall() }
  }
  const lose = (): void => {
    rebalancing = true
    assigned = new Set()
    memberId = undefined
    onClosing()
    onLost()
  }

  const { events } = consumer
  consumer.on(events.REBALANCING, () => {
    rebalancing = true
    onClosing()
  })
  consumer.on(events.GROUP_JOIN, ({ payload }) => {
    const kept = payload.memberId === memberId && isFresh()
    memberId = payload.memberId
    assigned = new Set(payload.memberAssignment[topic] ?? [])
    rebalancing = stopped
    noteBeat()
    onAssigned(kept)
  })
  consumer.on(events.HEARTBEAT, () => {
    const wasFresh = isFresh()
    noteBeat()
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
      onClosing()
    },
  }
}
