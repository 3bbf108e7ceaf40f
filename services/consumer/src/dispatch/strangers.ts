import type { Clock } from './clock.ts'
import { type InstanceQueue, park, setAside } from './instance-queue.ts'
import type { Lane } from './lane.ts'
import type { Paces } from './paces.ts'
import type { Refills } from './refills.ts'

const LOOK_MAX_MS = 60_000
/** Parked lanes, for each row of the window, from which on those of new recipients are set aside. */
const PARKED_PER_ROW = 2

/**
 * Lanes of recipients that were never written to and have to wait, maybe until tomorrow. A campaign of 100,000 of them
 * must not fill the memory that others need, so under pressure they are left to the ledger altogether. What comes after
 * for such a recipient cannot be told from his first row then: as long as anything is set aside only those go who were
 * known before, and when new recipients may go the instance is read anew.
 */
export type Strangers = Readonly<{
  /** When the lane's first row may go, by the store's clock; `Infinity`: it is armed again when that is known. */
  until(queue: InstanceQueue, lane: Lane): number
  /** Gives the place of a lane that has to wait to others. `left`: nothing of it stays in memory. */
  park(queue: InstanceQueue, lane: Lane): 'parked' | 'left'
  /** New recipients may be able to go. */
  look(queue: InstanceQueue): void
  /** A message of the lane went: its recipient has become known only after others were set aside. */
  areToBeRead(queue: InstanceQueue, lane: Lane): boolean
}>

export function createStrangers({
  paces,
  clock,
  rowsMax,
  refills,
  arm,
}: Readonly<{
  paces: Pick<Paces, 'of'>
  clock: Pick<Clock, 'storeNow'>
  rowsMax(): number
  refills: Pick<Refills, 'reload' | 'topUp'>
  arm(queue: InstanceQueue, lane: Lane): void
}>): Strangers {
  const isKnown = ({ name, asideSince = Number.POSITIVE_INFINITY }: InstanceQueue, lane: Lane): boolean =>
    paces.of(name)?.isKnownBefore(lane.to, asideSince) === true

  const strangersUntil = ({ name }: InstanceQueue): number => paces.of(name)?.strangersUntil(clock.storeNow()) ?? 0

  const look = (queue: InstanceQueue): void => {
    if (queue.dropped || queue.asideSince === undefined) return
    const waitMs = strangersUntil(queue) - clock.storeNow()
    clearTimeout(queue.asideTimer)
    if (waitMs <= 0) {
      // Made anew, its lanes will not know that they had to wait until now.
      queue.freeAt = Math.max(queue.freeAt, clock.storeNow())
      refills.reload(queue)
    } else queue.asideTimer = setTimeout(() => look(queue), Math.min(waitMs + 2, LOOK_MAX_MS))
  }

  const paceUntil = (queue: InstanceQueue, lane: Lane, now: number): number => {
    const pacer = paces.of(queue.name)
    const until = pacer?.laneUntil(lane.to, now) ?? 0
    if (until !== 'unknown') return until
    pacer?.ask(lane.to, () => {
      if (queue.lanes.get(lane.to) === lane) arm(queue, lane)
    })
    return Number.POSITIVE_INFINITY
  }

  /** While the instance is read, and while the lane is, what is here is not yet all that is. */
  const mayLeave = (queue: InstanceQueue, lane: Lane): boolean => {
    if (queue.state === 'loading' || lane.refilling || isKnown(queue, lane)) return false
    if (queue.asideSince !== undefined) return true
    return queue.parked >= rowsMax() * PARKED_PER_ROW && strangersUntil(queue) > clock.storeNow()
  }

  const leave = (queue: InstanceQueue, lane: Lane): void => {
    const isFirst = queue.asideSince === undefined
    setAside(queue, lane, clock.storeNow())
    if (isFirst) look(queue)
  }

  return {
    until: (queue, lane) => {
      const now = clock.storeNow()
      const until = Math.max(lane.blockedUntil, paceUntil(queue, lane, now))
      if (queue.asideSince === undefined || isKnown(queue, lane)) return until
      return Math.max(until, now + LOOK_MAX_MS)
    },
    park: (queue, lane) => {
      const isLeft = mayLeave(queue, lane)
      if (isLeft) leave(queue, lane)
      else park(queue, lane)
      refills.topUp(queue)
      return isLeft ? 'left' : 'parked'
    },
    look,
    areToBeRead: (queue, lane) => queue.asideSince !== undefined && !isKnown(queue, lane),
  }
}
