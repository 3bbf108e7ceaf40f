import type { LaneRow, Ledger, OrderKey } from '@whatsapp-sender/store'
import { type ExpressPriority, enterExpress, expressLaneRows, leaveExpress, urgentPart } from './express.ts'
import { hasRoom, type InstanceQueue, laneOf, laterKey, loadLaneRow, loadRow } from './instance-queue.ts'
import { type Lane, laneRows } from './lane.ts'
import { compareKeys } from './order-key.ts'

type Page = Readonly<{ rows: readonly LaneRow[]; complete: boolean }>

/** Rows asked for at once. */
const PAGE_ROWS = 250
const PAGE_ROWS_MIN = 10

export type Loader = Readonly<{
  /** Reads the next rows of an instance until its window is full or the ledger has no more. */
  refill(queue: InstanceQueue): Promise<void>
  /** Reads the next rows of one lane whose rest had to stay in the ledger. */
  refillLane(queue: InstanceQueue, lane: Lane): Promise<void>
  /** Finds the next lanes, at most so many, that have to be read ahead for a row of this priority. */
  findExpress(queue: InstanceQueue, priority: ExpressPriority, lanesMax: number): Promise<Lane[]>
}>

/**
 * Brings rows from the ledger into memory in order. `insertingFrom` names the first row of an insert on its way for an
 * instance: rows from there on may be seen before an older one of the same insert, so they are left for the next page.
 */
export function createLoader({
  ledger,
  insertingFrom,
  rowsMax,
  onRow,
}: Readonly<{
  ledger: Pick<Ledger, 'load'>
  insertingFrom(instance: string): OrderKey | undefined
  /** Rows that one instance may hold now. */
  rowsMax(): number
  /** Told of each row that a lane took. */
  onRow(queue: InstanceQueue, lane: Lane, row: LaneRow): void
}>): Loader {
  const readPage = async (
    queue: InstanceQueue,
    request: Omit<Parameters<Ledger['load']>[0], 'instance'>,
  ): Promise<Page> => {
    const before = insertingFrom(queue.name)
    const rows = await ledger.load({ instance: queue.name, ...request })
    const after = insertingFrom(queue.name)
    const limit = before === undefined || (after !== undefined && compareKeys(after, before) < 0) ? after : before
    const settled = limit === undefined ? rows : rows.filter((row) => compareKeys(row, limit) < 0)
    return { rows: settled, complete: rows.length < request.limit && limit === undefined }
  }

  const readInto = async (queue: InstanceQueue): Promise<'more' | 'done'> => {
    const { generation } = queue
    queue.offered = false
    const notTo = lanesWithMore(queue)
    const room = rowsMax() - queue.rowsHeld
    const limit = Math.min(PAGE_ROWS, Math.max(PAGE_ROWS_MIN, room))
    const page = await readPage(queue, { after: queue.cursor, notTo, limit })
    if (queue.generation !== generation) return 'done'
    queue.pages += 1
    // A lane that was read to its end meanwhile may have been read before rows that this page passed over.
    for (const to of notTo) {
      const lane = laneOf(queue, to)
      lane.more = lane.passedOver = true
    }
    for (const row of page.rows) {
      const lane = loadRow(queue, row, rowsMax())
      if (lane !== undefined) onRow(queue, lane, row)
      queue.cursor = laterKey(queue.cursor, row)
    }
    if (page.complete && !queue.offered) endWindow(queue)
    // Without rows an insert is on its way: what it brings is offered when it has arrived, and that asks for a page.
    return page.rows.length === 0 ? 'done' : 'more'
  }

  const readIntoLane = async (queue: InstanceQueue, lane: Lane): Promise<'more' | 'done'> => {
    const { generation, pages } = queue
    const { lastKey: after } = lane
    lane.offered = false
    // Read from its start, the lane's page brings what is here already, too: that must not be all there is place for.
    const known = after === undefined ? lane.rows.length : 0
    const limit = known + Math.max(1, rowsMaxOf(lane) - lane.rows.length)
    const page = await readPage(queue, { after, to: lane.to, limit })
    if (queue.generation !== generation) return 'done'
    // Parked meanwhile, the lane gave rows back to the ledger: what the page brings does not follow on what is here.
    if (lane.parked) return 'done'
    if (lane.lastKey !== after) return 'more'
    takePage(queue, lane, page)
    // A page that came meanwhile passed over rows of this lane that this read may not have seen.
    if (queue.pages !== pages) lane.more = lane.offered = lane.passedOver = true
    // Without progress the next page would be the same one.
    return page.rows.length === 0 || lane.isUrgentPartHere || lane.lastKey === after ? 'done' : 'more'
  }

  const takePage = (queue: InstanceQueue, lane: Lane, { rows, complete }: Page): void => {
    // Whatever the lane cannot take sets it again.
    lane.more = false
    const taken = urgentPart(lane, rows, complete)
    for (const row of taken)
      if (loadLaneRow(queue, lane, { row, rowsMax: rowsMax() }) !== undefined) onRow(queue, lane, row)
    if (!complete || lane.offered || taken.length < rows.length) lane.more = true
  }

  const findExpress = async (queue: InstanceQueue, priority: ExpressPriority, limit: number): Promise<Lane[]> => {
    const { generation } = queue
    const stream = queue.express[priority]
    stream.offered = false
    const after = queue.cursor && laterKey(stream.cursor, queue.cursor)
    const { rows } = await readPage(queue, { after, priority, limit })
    if (queue.generation !== generation) return []
    // What an insert on its way brings is offered when it has arrived.
    stream.more = rows.length === limit || stream.offered
    const lanes = new Set<Lane>()
    for (const row of rows) {
      stream.cursor = row
      const lane = laneOf(queue, row.to)
      if (enterExpress(queue, lane, row)) lanes.add(lane)
    }
    return [...lanes]
  }

  const rowsMaxOf = (lane: Lane): number =>
    lane.express === undefined ? laneRows(rowsMax()) : expressLaneRows(rowsMax())

  return {
    refill: async (queue) => {
      const { generation } = queue
      while (!queue.dropped && queue.more && hasRoom(queue, rowsMax())) if ((await readInto(queue)) === 'done') break
      if (queue.generation === generation) queue.state = 'live'
    },
    refillLane: async (queue, lane) => {
      while (!queue.dropped && lane.more && !lane.parked && lane.rows.length < rowsMaxOf(lane)) {
        if ((await readIntoLane(queue, lane)) === 'done') break
      }
    },
    findExpress,
  }
}

/** The window has come to the end of what the ledger holds: nothing is ahead of it any more. */
function endWindow(queue: InstanceQueue): void {
  queue.more = false
  for (const lane of queue.lanes.values()) leaveExpress(queue, lane)
}

/** Lanes that are full are read on their own later; here their rows would only fill pages. */
function lanesWithMore(queue: InstanceQueue): string[] {
  return [...queue.lanes.values()].filter((lane) => lane.more).map((lane) => lane.to)
}
