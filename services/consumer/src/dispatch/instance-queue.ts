import type { LaneRow, OrderKey } from '@whatsapp-sender/store'
import { type Express, isUrgentPartDone, leaveExpress, newExpress, noteLeft } from './express.ts'
import { appendToLane, dropHead, type Lane, laneRows, newLane, type Priority } from './lane.ts'
import { compareKeys } from './order-key.ts'
import { clearReady, liftLane, newReadyLanes, type ReadyLanes } from './ready-lanes.ts'

/** Rows held in memory for all instances together, and for one: the rest waits in the ledger. */
const ROWS_MAX = 32_000
const INSTANCE_ROWS_MAX = 500
const INSTANCE_ROWS_MIN = 10

/**
 * Lanes of one instance that may be parked: beyond them the instance waits for its lanes. When all instances together
 * have as many as the second, each has to do with so many for each row of its window.
 */
const PARKED_MAX = 2000
const PARKED_IN_ALL_MAX = 64_000
const PARKED_PER_ROW = 4

/** Parked lanes of all instances together. */
export type ParkedInAll = { count: number }

/** Rows that one instance may hold in memory while so many share it. */
export function windowRows(instances: number): number {
  return Math.max(INSTANCE_ROWS_MIN, Math.min(INSTANCE_ROWS_MAX, Math.floor(ROWS_MAX / Math.max(1, instances))))
}

/**
 * The lanes of one instance, as far as they are in memory.
 * - `loading`: nothing goes out, for an older row may still be found; what is offered only sets `more`
 * - `live`: lanes may go; with `more` set the ledger holds rows after `cursor` that no lane has seen
 */
export type InstanceQueue = {
  readonly name: string
  state: 'loading' | 'live'
  /** Rises with every reload, so that a page asked for before it is thrown away. */
  generation: number
  readonly lanes: Map<string, Lane>
  readonly ready: ReadyLanes
  /** Rows here, but for those of parked lanes; and by priority. */
  rowsHeld: number
  held: Record<Priority, number>
  express: Express
  /** Lanes that are read ahead of the window. */
  expressLanes: number
  parked: number
  readonly parkedInAll: ParkedInAll
  inFlight: number
  /** Since when neither pace, gate nor pause holds it; the store's clock, ms. 0: for as long as it is known here. */
  freeAt: number
  more: boolean
  cursor: OrderKey | undefined
  /** Pages that have come so far. */
  pages: number
  /** Something was offered while a page was on its way. */
  offered: boolean
  refilling: boolean
  /** Stands in the dispatcher's ring. */
  ringed: boolean
  dropped: boolean
  timer: NodeJS.Timeout | undefined
  /** Since when lanes of new recipients are left to the ledger altogether, by the store's clock, ms. */
  asideSince: number | undefined
  asideTimer: NodeJS.Timeout | undefined
}

export function newInstanceQueue(name: string, parkedInAll: ParkedInAll = { count: 0 }): InstanceQueue {
  return {
    name,
    state: 'loading',
    generation: 0,
    lanes: new Map(),
    ready: newReadyLanes(),
    rowsHeld: 0,
    held: { high: 0, normal: 0, bulk: 0 },
    express: newExpress(),
    expressLanes: 0,
    parked: 0,
    parkedInAll,
    inFlight: 0,
    freeAt: 0,
    more: true,
    cursor: undefined,
    pages: 0,
    offered: false,
    refilling: false,
    ringed: false,
    dropped: false,
    timer: undefined,
    asideSince: undefined,
    asideTimer: undefined,
  }
}

export function laneOf(queue: InstanceQueue, to: string): Lane {
  const known = queue.lanes.get(to)
  if (known !== undefined) return known
  const lane = newLane(to)
  queue.lanes.set(to, lane)
  return lane
}

/**
 * A freshly inserted row: taken only if nothing older can be missing from memory.
 * - a lane: it took the row
 * - `left`: the row is here already, or waits in the ledger for a later page
 * - `passed`: rows that come after it are here already, as when the broker's clock went back; the instance has to be
 *   read anew
 */
export function offerRow(queue: InstanceQueue, row: LaneRow, rowsMax: number): Lane | 'left' | 'passed' {
  queue.offered = true
  if (queue.state === 'loading' || queue.more || !hasRoom(queue, rowsMax)) {
    queue.more = true
    noteLeft(queue, row)
    return 'left'
  }
  queue.cursor = row
  const lane = laneOf(queue, row.to)
  if (lane.more) {
    lane.offered = true
    return 'left'
  }
  return held(queue, lane, { row, rowsMax }) ?? (isKnown(lane, row) || lane.more ? 'left' : 'passed')
}

function isKnown(lane: Lane, row: LaneRow): boolean {
  return lane.doneId === row.id || lane.rows.some(({ id }) => id === row.id)
}

/** A row that a page of the whole instance brought. Returns its lane if it was taken. */
export function loadRow(queue: InstanceQueue, row: LaneRow, rowsMax = INSTANCE_ROWS_MAX): Lane | undefined {
  const lane = laneOf(queue, row.to)
  if (!lane.more) return held(queue, lane, { row, rowsMax })
  lane.passedOver = true
  return undefined
}

/** A row that a page of just this lane brought. */
export function loadLaneRow(
  queue: InstanceQueue,
  lane: Lane,
  taken: Readonly<{ row: LaneRow; rowsMax: number }>,
): Lane | undefined {
  return held(queue, lane, taken)
}

function held(
  queue: InstanceQueue,
  lane: Lane,
  { row, rowsMax }: Readonly<{ row: LaneRow; rowsMax: number }>,
): Lane | undefined {
  if (lane.rows[0]?.id === row.id || lane.doneId === row.id) return undefined
  if (!appendToLane(lane, row, laneRows(rowsMax))) return undefined
  count(queue, row, 1)
  liftLane(queue.ready, lane, row.priority)
  return lane
}

function count(queue: InstanceQueue, row: LaneRow, change: 1 | -1): void {
  queue.rowsHeld += change
  queue.held[row.priority] += change
}

/** May the instance hold more rows than it does? */
export function hasRoom(queue: InstanceQueue, rowsMax: number): boolean {
  const parkedMax = queue.parkedInAll.count < PARKED_IN_ALL_MAX ? PARKED_MAX : rowsMax * PARKED_PER_ROW
  return queue.rowsHeld < rowsMax && queue.parked < parkedMax
}

function countParked(queue: InstanceQueue, by: number): void {
  queue.parked += by
  queue.parkedInAll.count += by
}

/** Forgets which lanes are parked: all of them are forgotten. */
export function forgetParked(queue: InstanceQueue): void {
  countParked(queue, -queue.parked)
}

/** Leaves all but the first row of a lane that has to wait to the ledger, so that others get its place. */
export function park(queue: InstanceQueue, lane: Lane): void {
  const [head, next] = lane.rows
  if (lane.parked || head === undefined) return
  lane.parked = true
  countParked(queue, 1)
  for (const row of lane.rows) count(queue, row, -1)
  leaveExpress(queue, lane)
  if (next === undefined) return
  lane.rows = [head]
  // What was busy when the instance was read anew stands before rows that are older: those are found from the start.
  lane.lastKey = compareKeys(head, next) < 0 ? head : undefined
  lane.more = lane.passedOver = true
}

export function unpark(queue: InstanceQueue, lane: Lane): void {
  if (!lane.parked) return
  lane.parked = false
  countParked(queue, -1)
  for (const row of lane.rows) count(queue, row, 1)
}

/**
 * Leaves a lane to the ledger altogether. A later row makes it anew, without what went before: of such a lane nothing may
 * go until the instance is read anew.
 */
export function setAside(queue: InstanceQueue, lane: Lane, now: number): void {
  clearTimeout(lane.timer)
  unpark(queue, lane)
  for (const row of lane.rows) count(queue, row, -1)
  leaveExpress(queue, lane)
  lane.rows = []
  lane.more = false
  queue.lanes.delete(lane.to)
  queue.asideSince ??= now
}

/** Forgets all rows that wait in memory; what is busy stays, and so does the order after it. */
export function forgetRows(queue: InstanceQueue): void {
  queue.state = 'loading'
  queue.generation += 1
  queue.more = true
  queue.cursor = undefined
  queue.rowsHeld = 0
  queue.held = { high: 0, normal: 0, bulk: 0 }
  queue.express = newExpress()
  queue.expressLanes = 0
  forgetParked(queue)
  queue.asideSince = undefined
  clearTimeout(queue.asideTimer)
  clearReady(queue.ready)
  for (const lane of queue.lanes.values()) {
    clearTimeout(lane.timer)
    lane.timer = undefined
    lane.listed = lane.before = lane.after = undefined
    lane.parked = false
    lane.more = lane.passedOver = lane.isUrgentPartHere = false
    lane.express = undefined
    lane.blockedUntil = 0
    if (lane.busy === undefined) {
      queue.lanes.delete(lane.to)
      continue
    }
    lane.rows = [lane.busy]
    // What is read anew may be older than what is busy: a replay, or a row that a process before this one put there.
    lane.lastKey = undefined
    lane.doneId = undefined
    count(queue, lane.busy, 1)
  }
}

/** The first row of a lane is done with. */
export function finishHead(queue: InstanceQueue, lane: Lane, row: LaneRow, generation: number): void {
  lane.busy = undefined
  // Read anew since then, the instance may have met the row as somebody replayed it: that is not the one done with.
  lane.doneId = queue.generation === generation ? row.id : undefined
  if (lane.rows[0]?.id === row.id) {
    // The row as it stands here: somebody may have given it another priority since it was selected.
    count(queue, lane.rows[0], -1)
    dropHead(lane)
  }
  if (isUrgentPartDone(lane)) leaveExpress(queue, lane)
  forgetIdleLane(queue, lane)
}

/** The first row of a lane stays and waits, as it now stands in the ledger. */
export function replaceHead(queue: InstanceQueue, lane: Lane, row: LaneRow): void {
  const [head] = lane.rows
  if (head?.id !== row.id) return
  count(queue, head, -1)
  count(queue, row, 1)
  lane.rows[0] = row
  lane.blockedUntil = row.nextAttemptAt ?? 0
}

/**
 * A lane without rows, here or in the ledger, is made anew by its next row. While the instance is read it stays, for it
 * knows what a page read too early may bring back.
 */
export function forgetIdleLane(queue: InstanceQueue, lane: Lane): void {
  if (queue.state === 'loading') return
  const isIdle = lane.rows.length === 0 && lane.busy === undefined && !lane.more
  if (isIdle && queue.lanes.get(lane.to) === lane) queue.lanes.delete(lane.to)
}

/** Later of two keys. */
export function laterKey(a: OrderKey | undefined, b: OrderKey): OrderKey {
  return a === undefined || compareKeys(a, b) < 0 ? b : a
}
