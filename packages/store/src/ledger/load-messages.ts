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
  const recipient = to !== undefined ? { to } : notTo.length > 0 ? { to: { $nin: [...notTo] } } : {}
  const filter: mongo.Filter<LaneDocument> = {
    open: 1,
    instance,
    status: { $in: ['queued', 'sending'] },
    ...recipient,
    // One lane has an index of its own. All else comes from one that has the priorities apart: with each of them named, the
    // database merges its three parts in order instead of sorting.
    ...(to === undefined && { priority: priority ?? { $in: [...PRIORITIES] } }),
    ...(after && laterThan(after)),
  }
  const found = await rows
    // Without a hint a page without some recipients may be planned by lanes, and sort all of a large instance.
    .find<LaneDocument>(filter, { projection: LANE_PROJECTION, hint: to === undefined ? OPEN_BY_PRIORITY : OPEN_LANE })
    .sort({ appendedAt: 1, offset: 1 })
    .limit(limit)
    .batchSize(limit)
    .toArray()
  return found.map(laneRowOf)
}

function laterThan({ appendedAt, offset }: OrderKey): mongo.Filter<LaneDocument> {
  const at = new Date(appendedAt)
  return {
    appendedAt: { $gte: at },
    $or: [{ appendedAt: { $gt: at } }, { offset: { $gt: mongo.Long.fromBigInt(offset) } }],
  }
}

/** Names of all instances that have open rows. */
export async function instancesWithOpenRows(rows: MessageCollection): Promise<string[]> {
  return await rows.distinct('instance', { open: 1 }, { readConcern: 'majority' })
}
