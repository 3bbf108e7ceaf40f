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
  /** Heartbeats are accepted again after a silence, or a rebalance that was none, which had closed `mayBegin`. */
  onResumed(): void
}>): Assignment {
  let assigned = new Set<number>()
  let count = 1
  let memberId: string | undefined
  let rebalancing = true
  /** Of the group, in which `assigned` holds; undefined: no heartbeat has told it yet. */
  let generation: number | undefined
  /** Heartbeats of that generation that were accepted since a rebalance was told. */
  let accepted = 0
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
    generation = undefined
    onClosing()
    onLost()
  }
  /**
   * A rebalance that was told may turn out to be none. kafkajs tells of one also when the coordinator is away, and does not
   * join again when that fails for once: it goes on in the old generation, which the broker still knows when it is back.
   * The first heartbeat that is accepted may have been on its way before; the second was not.
   */
  const noteGeneration = (accepting: number): void => {
    // One that is first told during a rebalance may be the next one already.
    if (!rebalancing) generation = accepting
    else if (accepting === generation && ++accepted === 2) rebalancing = false
  }
  const mayBegin = () => !rebalancing && !stopped && isFresh()

  const { events } = consumer
  consumer.on(events.REBALANCING, () => {
    rebalancing = true
    accepted = 0
    onClosing()
  })
  consumer.on(events.GROUP_JOIN, ({ payload }) => {
    const kept = payload.memberId === memberId && isFresh()
    memberId = payload.memberId
    assigned = new Set(payload.memberAssignment[topic] ?? [])
    rebalancing = stopped
    generation = undefined
    noteBeat()
    onAssigned(kept)
  })
  consumer.on(events.HEARTBEAT, ({ payload }) => {
    const mightBegin = mayBegin()
    noteBeat()
    noteGeneration(payload.groupGenerationId)
    if (!mightBegin && mayBegin()) onResumed()
  })
  for (const event of [events.CRASH, events.STOP, events.DISCONNECT]) consumer.on(event, lose)

  const partition = (instance: string) => partitionOf(instance, count)
  return {
    owns: (instance) => assigned.has(partition(instance)),
    partitionOf: partition,
    mayBegin,
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
