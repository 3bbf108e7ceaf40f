import type { LaneRow, OrderKey } from '@whatsapp-sender/store'
import { compareKeys } from './order-key.ts'

export type Priority = LaneRow['priority']

/** Rows of one lane held in memory; the rest of a longer lane stays in the ledger. */
const LANE_ROWS_MAX = 50

/** The same where an instance may hold `windowRows` in all: one busy recipient must not fill the window. */
export function laneRows(windowRows: number): number {
  return Math.max(1, Math.min(LANE_ROWS_MAX, Math.floor(windowRows / 4)))
}

/**
 * All waiting messages of one instance to one recipient. `rows` is always a gapless prefix of what the ledger holds for
 * the lane, so the first one is the next to go. One message at a time: `busy` is being claimed, sent, written or settled.
 */
export type Lane = {
  readonly to: string
  rows: LaneRow[]
  busy: LaneRow | undefined
  /** The first row may not go before this time of the store's clock, ms. */
  blockedUntil: number
  /** Since when it is the first one, until when it was kept last, and since when it could go; the store's clock, ms. */
  headSince: number
  keptUntil: number
  readyAt: number
  /** The ledger holds rows of this lane after the last one here. */
  more: boolean
  /** Something was offered while `more` was set. */
  offered: boolean
  refilling: boolean
  /** Pages of the whole instance have left out rows of this lane, or rows were given back: only a read of the lane finds them. */
  passedOver: boolean
  /** It is read ahead of the window, for the sake of a row of this priority. */
  express: Priority | undefined
  /** All that it is read ahead for is here; what follows has time. */
  isUrgentPartHere: boolean
  /** Highest key held here since the instance was last read anew. */
  lastKey: OrderKey | undefined
  /** The last row that was done with here: a page that was read before then may still bring it. */
  doneId: string | undefined
  /** Its first row waits for its time: only that one is here, and it does not count against the window. */
  parked: boolean
  /** The priority under which it stands among its instance's ready lanes, and its neighbours there. */
  listed: Priority | undefined
  before: Lane | undefined
  after: Lane | undefined
  timer: NodeJS.Timeout | undefined
}

export function newLane(to: string): Lane {
  return {
    to,
    rows: [],
    busy: undefined,
    blockedUntil: 0,
    headSince: 0,
    keptUntil: 0,
    readyAt: 0,
    more: false,
    offered: false,
    refilling: false,
    passedOver: false,
    express: undefined,
    isUrgentPartHere: false,
    lastKey: undefined,
    doneId: undefined,
    parked: false,
    listed: undefined,
    before: undefined,
    after: undefined,
    timer: undefined,
  }
}

/** Takes a row that is later than all before it. False when it must stay in the ledger for now. */
export function appendToLane(lane: Lane, row: LaneRow, rowsMax = LANE_ROWS_MAX): boolean {
  if (lane.lastKey !== undefined && compareKeys(row, lane.lastKey) <= 0) return false
  if (lane.parked || lane.rows.length >= rowsMax) {
    lane.more = lane.passedOver = true
    return false
  }
  lane.rows.push(row)
  lane.lastKey = row
  if (lane.rows.length === 1) lane.blockedUntil = row.nextAttemptAt ?? 0
  return true
}

export function isLaneReady(lane: Lane, now: number): boolean {
  return lane.busy === undefined && lane.rows.length > 0 && lane.blockedUntil <= now
}

/** The highest one among the rows here: a message that is urgent takes those before it along. */
export function priorityOf({ rows }: Lane): Priority {
  let priority: Priority = 'bulk'
  for (const row of rows) {
    if (row.priority === 'high') return 'high'
    if (row.priority === 'normal') priority = 'normal'
  }
  return priority
}

/** Takes the first row out for good. */
export function dropHead(lane: Lane): void {
  lane.rows.shift()
  lane.blockedUntil = lane.rows[0]?.nextAttemptAt ?? 0
}
