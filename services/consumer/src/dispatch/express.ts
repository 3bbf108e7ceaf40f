import type { LaneRow, OrderKey } from '@whatsapp-sender/store'
import { type Lane, laneRows, type Priority, priorityOf } from './lane.ts'
import { compareKeys } from './order-key.ts'

/**
 * What keeps a full window from hiding the urgent: a campaign of 100,000 bulk messages fills the window of its instance,
 * and a code for a login behind it has to go all the same. So, while rows of a lower priority are in memory and the ledger
 * holds more than memory, the higher priorities are read ahead of the window, and of each message found so its whole lane
 * from its first row on, up to that message: the lane stays a gapless prefix, and order inside it is kept. What follows
 * in the lane comes with the window, in its turn.
 *
 * Read ahead are at most an eighth as many lanes as the window has rows, with a dozen rows each at most.
 */
export type Express = Record<ExpressPriority, ExpressStream>

export type ExpressPriority = Exclude<Priority, 'bulk'>

/** An instance, as far as reading ahead goes. */
type ExpressQueue = Readonly<{
  state: 'loading' | 'live'
  more: boolean
  held: Readonly<Record<Priority, number>>
  express: Express
}> & { expressLanes: number }

type ExpressStream = {
  /** The ledger may hold such rows after the window and after `cursor`. */
  more: boolean
  cursor: OrderKey | undefined
  reading: boolean
  /** One was offered while a page was on its way. */
  offered: boolean
}

export const EXPRESS_PRIORITIES = ['high', 'normal'] as const

const LANE_ROWS_MAX = 12
const RANK: Readonly<Record<Priority, number>> = { high: 2, normal: 1, bulk: 0 }

export function newExpress(): Express {
  return { high: newStream(), normal: newStream() }
}

function newStream(): ExpressStream {
  return { more: true, cursor: undefined, reading: false, offered: false }
}

/** Lanes that may still be read ahead for this priority, now; 0 when there is no need to. */
export function expressRoom(queue: ExpressQueue, priority: ExpressPriority, windowRows: number): number {
  const stream = queue.express[priority]
  if (!queue.more || !stream.more || stream.reading || queue.state !== 'live' || !isHidden(queue, priority)) return 0
  const lanesMax = Math.max(1, Math.floor(windowRows / 8))
  // With rows of that priority at hand there is time: reading many at once is cheaper.
  const room = lanesMax - queue.expressLanes
  return queue.held[priority] <= lanesMax / 2 && room * 2 >= lanesMax ? room : 0
}

/** Rows of a lower priority are in memory, and may be what fills it. */
function isHidden({ held }: ExpressQueue, priority: ExpressPriority): boolean {
  return held.bulk > 0 || (priority === 'high' && held.normal > 0)
}

/** Rows of a lane that is read ahead. */
export function expressLaneRows(windowRows: number): number {
  return Math.min(LANE_ROWS_MAX, laneRows(windowRows))
}

/** A row has been left to the ledger: it may be one to read ahead. */
export function noteLeft({ express }: ExpressQueue, row: LaneRow): void {
  if (row.priority === 'bulk') return
  const stream = express[row.priority]
  stream.more = stream.offered = true
  if (stream.cursor !== undefined && compareKeys(row, stream.cursor) <= 0) stream.cursor = undefined
}

/** From here on the lane is read up to its last row of at least this priority. False when that row is here already. */
export function enterExpress(queue: ExpressQueue, lane: Lane, row: LaneRow): boolean {
  if (lane.parked || (lane.lastKey !== undefined && compareKeys(row, lane.lastKey) <= 0)) return false
  if (lane.express === undefined) queue.expressLanes += 1
  lane.express = row.priority
  lane.isUrgentPartHere = false
  if (!lane.more) lane.passedOver = false
  lane.more = true
  return true
}

/** The rows of a page that the lane takes now. `complete`: the ledger holds no more of it. */
export function urgentPart(lane: Lane, rows: readonly LaneRow[], complete: boolean): readonly LaneRow[] {
  const { express } = lane
  if (express === undefined || !complete) return rows
  lane.isUrgentPartHere = true
  return rows.slice(0, rows.findLastIndex(({ priority }) => RANK[priority] >= RANK[express]) + 1)
}

/** What follows in the lane is not worth a place ahead of the window. */
export function isUrgentPartDone(lane: Lane): boolean {
  return lane.express !== undefined && lane.isUrgentPartHere && RANK[priorityOf(lane)] < RANK[lane.express]
}

/** Nothing urgent waits in the lane any more. What follows comes with the window, unless a page of that has passed it. */
export function leaveExpress(queue: ExpressQueue, lane: Lane): void {
  if (lane.express === undefined) return
  queue.expressLanes -= 1
  lane.express = undefined
  lane.isUrgentPartHere = false
  if (lane.rows.length === 0 && !lane.passedOver) lane.more = false
}
