import { mongo } from 'mongoose'
import { OPEN_BY_PRIORITY, OPEN_LANE } from './ledger-indexes.ts'
import {
  LANE_PROJECTION,
  type LaneDocument,
  type LaneRow,
  laneRowOf,
  type MessageCollection,
} from './message-document.ts'

/** Place of a row in the order of its instance. */
export type OrderKey = Readonly<{ appendedAt: number; offset: bigint }>

const PRIORITIES = ['high', 'normal', 'bulk'] as const
type Priority = (typeof PRIORITIES)[number]

/** Rows that a page may sort. */
const SORTED_MAX = 500

export type LoadRequest = Readonly<{
  instance: string
  /** Only rows after this one. */
  after?: OrderKey | undefined
  /** Only this recipient's. */
  to?: string
  /** None of these recipients'. */
  notTo?: readonly string[]
  /** Only those of this priority. */
  priority?: Priority
  limit: number
}>

/**
 * Rows of one instance that wait or are claimed, in order, without those scheduled for later. Fewer than `limit` means
 * that there are no more.
 */
export async function loadOpenRows(rows: MessageCollection, request: LoadRequest): Promise<LaneRow[]> {
  const { instance, after, to, notTo = [], priority, limit } = request
  const wanted: mongo.Filter<LaneDocument> = {
    open: 1,
    instance,
    ...(to !== undefined ? { to } : notTo.length > 0 && { to: { $nin: [...notTo] } }),
    ...(priority && { priority }),
    ...(after && laterThan(after)),
  }
  const byLane = to !== undefined || (notTo.length > 0 && (await areFew(rows, wanted)))
  const filter: mongo.Filter<LaneDocument> = {
    ...wanted,
    status: { $in: ['queued', 'sending'] },
    // With each of them named, the database merges the three parts of the index in order instead of sorting.
    ...(!byLane && { priority: priority ?? { $in: [...PRIORITIES] } }),
  }
  const found = await rows
    // Without a hint a page without some recipients may be planned by lanes, and sort all of a large instance.
    .find<LaneDocument>(filter, { projection: LANE_PROJECTION, hint: byLane ? OPEN_LANE : OPEN_BY_PRIORITY })
    .sort({ appendedAt: 1, offset: 1 })
    .limit(limit)
    .batchSize(limit)
    .toArray()
  return found.map(laneRowOf)
}

/**
 * So few rows are cheaper sorted than found in order: in order, every row of the lanes left out is passed, and those lanes
 * are left out because they are long. By lane, the database jumps over them. Those of the very moment of the last row are
 * counted, too: the index alone tells how many there are.
 */
async function areFew(rows: MessageCollection, { $nor: _, ...inIndex }: mongo.Filter<LaneDocument>): Promise<boolean> {
  const limit = SORTED_MAX + 1
  return (await rows.countDocuments(inIndex, { hint: OPEN_LANE, limit })) <= SORTED_MAX
}

/** Written with `$or`, it would have two plans, and MongoDB tries both out at every page that is hinted. */
function laterThan({ appendedAt, offset }: OrderKey): mongo.Filter<LaneDocument> {
  const at = new Date(appendedAt)
  return {
    appendedAt: { $gte: at },
    $nor: [{ appendedAt: at, offset: { $lte: mongo.Long.fromBigInt(offset) } }],
  }
}

/** Names of all instances that have open rows. */
export async function instancesWithOpenRows(rows: MessageCollection): Promise<string[]> {
  return await rows.distinct('instance', { open: 1 }, { readConcern: 'majority' })
}
