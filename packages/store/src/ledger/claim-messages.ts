import { mongo } from 'mongoose'
import {
  LANE_PROJECTION,
  type LaneDocument,
  type LaneRow,
  laneRowOf,
  type MessageCollection,
} from './message-document.ts'

const EPOCH = new Date(0)

/**
 * Takes `queued` rows for sending, by compare-and-set, and returns the ids that are now ours alone. Rows that are not
 * due or have expired by the database's clock are not taken. `token` must be fresh. Throws when MongoDB cannot tell
 * whose the rows are: then nothing may be sent, and the rows become orphans of this process.
 */
export async function claimMessages(
  rows: MessageCollection,
  { ids, token, by }: Readonly<{ ids: readonly string[]; token: string; by: string }>,
): Promise<ReadonlySet<string>> {
  const claim = () =>
    rows.updateMany(claimable(ids), {
      $set: { status: 'sending', claim: token, by },
      $currentDate: { claimedAt: true },
    })
  if ((await twice(claim)) === ids.length) return new Set(ids)
  const won = await rows
    .find(
      { _id: { $in: [...ids] }, claim: token, status: 'sending' },
      { projection: { _id: 1 }, readConcern: 'majority' },
    )
    .toArray()
  return new Set(won.map((row) => row._id))
}

function claimable(ids: readonly string[]): mongo.Filter<LaneDocument> {
  return {
    _id: { $in: [...ids] },
    status: 'queued',
    $expr: {
      $and: [
        { $lte: [{ $ifNull: ['$nextAttemptAt', EPOCH] }, '$$NOW'] },
        {
          $or: [{ $eq: [{ $type: '$expiresAt' }, 'missing'] }, { $gt: ['$expiresAt', '$$NOW'] }],
        },
      ],
    },
  }
}

/** The driver never retries `updateMany`. The count is of the last try alone: rows of the first no longer match. */
export async function twice(update: () => Promise<mongo.UpdateResult>): Promise<number> {
  try {
    return (await update()).matchedCount
  } catch (error) {
    if (!(error instanceof mongo.MongoError)) throw error
    return (await update()).matchedCount
  }
}

/** One claim of one row. */
export type HeldClaim = Readonly<{ id: string; claim: string }>

/**
 * Gives back claimed rows whose request was never begun: no attempt is counted. Only these very claims: a release that
 * was delayed on its way must not free a row that has been claimed again.
 */
export async function releaseMessages(rows: MessageCollection, held: readonly HeldClaim[]): Promise<void> {
  if (held.length === 0) return
  const keys = held.map(({ id, claim }) => `${id} ${claim}`)
  const filter: mongo.Filter<LaneDocument> = {
    _id: { $in: held.map(({ id }) => id) },
    status: 'sending',
    $expr: { $in: [{ $concat: ['$_id', ' ', '$claim'] }, { $literal: keys }] },
  }
  await twice(() => rows.updateMany(filter, { $set: { status: 'queued' } }))
}

/** The rows as they stand now, majority-read; closed ones included. */
export async function readRows(rows: MessageCollection, ids: readonly string[]): Promise<LaneRow[]> {
  const found = await rows
    .find<LaneDocument>({ _id: { $in: [...ids] } }, { projection: LANE_PROJECTION, readConcern: 'majority' })
    .toArray()
  return found.map(laneRowOf)
}
