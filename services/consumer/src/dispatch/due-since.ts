import type { LaneRow } from '@whatsapp-sender/store'
import type { Clock } from './clock.ts'
import type { InstanceQueue } from './instance-queue.ts'
import type { Lane, Priority } from './lane.ts'

/**
 * Since when messages could go, by the store's clock in ms: what is promised of them counts from there. A message is due
 * when its time has come, those before it in its lane are done with, and neither pace, gate nor pause holds its instance.
 * That no slot is free, that the database is away or that partitions change hands makes nothing less due.
 */
export type DueTimes = Readonly<{
  /** Until when its own times and its recipient keep the first row of a lane; `Infinity`: it is still to be found out. */
  head(lane: Lane, head: LaneRow, until: number, now: number): void
  /**
   * Pace holds the instance for so long. `Infinity`: it is still to be found out, which is no hold: of an instance
   * that was taken over a moment ago everything has been due for as long as it has waited.
   */
  paced(queue: InstanceQueue, ms: number): void
  /** Pace lets it go; gate and pause do, too, or hold it until nobody knows when. Returns `isLet`. */
  letBy(queue: InstanceQueue, isLet: boolean): boolean
  /** The first row of the lane is under way. */
  begin(queue: InstanceQueue, lane: Lane, row: LaneRow): void
  /** It is no longer. `isOver`: the next one of its lane is the first. */
  end(lane: Lane, row: LaneRow, isOver: boolean): void
  /** Undefined of what is not under way. */
  of(messageId: string): number | undefined
  /** For how long the first message that could go has not left, ms; 0 when there is none. */
  oldestMs(queues: readonly InstanceQueue[]): number
}>

export function createDueTimes(clock: Pick<Clock, 'storeNow'>): DueTimes {
  const underWay = new Map<string, number>()
  return {
    head: (lane, head, until, now) => {
      if (until > now) {
        if (Number.isFinite(until)) lane.keptUntil = until
        return
      }
      const keptUntil = Math.min(lane.keptUntil, now)
      lane.readyAt = Math.max(head.appendedAt, head.wokenAt ?? 0, lane.headSince, keptUntil, until)
    },
    paced: (queue, ms) => {
      if (Number.isFinite(ms)) queue.freeAt = clock.storeNow() + ms
    },
    letBy: (queue, isLet) => {
      queue.freeAt = isLet ? Math.min(queue.freeAt, clock.storeNow()) : Number.POSITIVE_INFINITY
      return isLet
    },
    begin: (queue, lane, row) => {
      underWay.set(row.id, dueSince(queue, lane))
    },
    end: (lane, { id }, isOver) => {
      underWay.delete(id)
      if (!isOver) return
      lane.headSince = clock.storeNow()
      lane.keptUntil = 0
    },
    of: (messageId) => underWay.get(messageId),
    oldestMs: (queues) => {
      const now = clock.storeNow()
      const since = (oldest: number, each: number): number => Math.min(oldest, each)
      const waiting = queues.filter(({ ringed }) => ringed).map(firstDue)
      return now - [...underWay.values(), ...waiting].reduce(since, now)
    },
  }
}

function dueSince({ freeAt }: InstanceQueue, { readyAt }: Lane): number {
  return Math.max(freeAt, readyAt)
}

/** Of the ready lanes of an instance that nothing holds: since when the first could go. */
function firstDue(queue: InstanceQueue): number {
  const firsts = PRIORITIES.flatMap((priority) => queue.ready[priority].first ?? [])
  return Math.min(...firsts.map((lane) => dueSince(queue, lane)))
}

const PRIORITIES: readonly Priority[] = ['high', 'normal', 'bulk']
