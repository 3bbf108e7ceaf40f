import {
  LANE_PROJECTION,
  type LaneDocument,
  type LaneRow,
  laneRowOf,
  type MessageCollection,
} from './message-document.ts'

const ROWS_MAX = 200

/** Messages of one instance that ended as `unknown` since then, the newest first, 200 at most. */
export async function unknownMessages(rows: MessageCollection, instanceId: string, since: Date): Promise<LaneRow[]> {
  const found = await rows
    .find<LaneDocument>(
      { attention: 1, instanceId, failedAt: { $gte: since }, status: 'unknown' },
      { projection: LANE_PROJECTION, readConcern: 'majority' },
    )
    .sort({ failedAt: -1 })
    .limit(ROWS_MAX)
    .toArray()
  return found.map(laneRowOf)
}
