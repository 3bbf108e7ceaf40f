import { type Lane, type Priority, priorityOf } from './lane.ts'

const PRIORITIES = ['high', 'normal', 'bulk'] as const
const WEIGHT: Readonly<Record<Priority, number>> = { high: 8, normal: 4, bulk: 1 }

/**
 * Lanes of one instance whose first row may go, first come first served within a priority. Between the priorities turns
 * are dealt by smooth weighted round-robin: of any 13 turns while all three wait, 8 are high, 4 normal and 1 bulk, as
 * evenly spread as they can be; a priority that waits alone has every turn, and its account is clear after it. Listing, lifting
 * and taking cost the same however many wait: the lanes themselves are the links of the lists.
 */
export type ReadyLanes = { size: number } & Record<Priority, LaneList>

type LaneList = { first: Lane | undefined; last: Lane | undefined; credit: number }

export function newReadyLanes(): ReadyLanes {
  return { size: 0, high: newList(), normal: newList(), bulk: newList() }
}

function newList(): LaneList {
  return { first: undefined, last: undefined, credit: 0 }
}

/** Lists a lane under the highest priority that waits in it. */
export function listLane(ready: ReadyLanes, lane: Lane): void {
  const priority = priorityOf(lane)
  const list = ready[priority]
  lane.listed = priority
  lane.before = list.last
  lane.after = undefined
  if (list.last === undefined) list.first = lane
  else list.last.after = lane
  list.last = lane
  ready.size += 1
}

/** A row has come into a listed lane: with a higher priority than the lane had it moves there, to the end. */
export function liftLane(ready: ReadyLanes, lane: Lane, priority: Priority): void {
  if (lane.listed === undefined || WEIGHT[priority] <= WEIGHT[lane.listed]) return
  unlist(ready, lane, lane.listed)
  listLane(ready, lane)
}

/** The lane whose turn it is, taken out. */
export function takeLane(ready: ReadyLanes): Lane | undefined {
  const priority = nextPriority(ready)
  const lane = priority && ready[priority].first
  if (lane === undefined || priority === undefined) return undefined
  unlist(ready, lane, priority)
  return lane
}

/** Forgets all lanes; they are not told. */
export function clearReady(ready: ReadyLanes): void {
  ready.size = 0
  for (const priority of PRIORITIES) ready[priority] = newList()
}

function nextPriority(ready: ReadyLanes): Priority | undefined {
  let chosen: Priority | undefined
  let weights = 0
  for (const priority of PRIORITIES) {
    const list = ready[priority]
    if (list.first === undefined) continue
    list.credit += WEIGHT[priority]
    weights += WEIGHT[priority]
    if (chosen === undefined || list.credit > ready[chosen].credit) chosen = priority
  }
  if (chosen === undefined) return undefined
  const list = ready[chosen]
  list.credit = weights === WEIGHT[chosen] ? 0 : list.credit - weights
  return chosen
}

function unlist(ready: ReadyLanes, lane: Lane, priority: Priority): void {
  const { before, after } = lane
  if (before === undefined) ready[priority].first = after
  else before.after = after
  if (after === undefined) ready[priority].last = before
  else after.before = before
  if (ready[priority].first === undefined) ready[priority].credit = 0
  lane.before = lane.after = lane.listed = undefined
  ready.size -= 1
}
