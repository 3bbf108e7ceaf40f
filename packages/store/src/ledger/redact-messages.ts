import { OPEN_STATUSES } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { twice } from './claim-messages.ts'
import type { MessageCollection, MessageDocument } from './message-document.ts'

const DAY_MS = 86_400_000
const NAME = 'redaction'

/** How far the content of messages is taken out: all that ended before. By `expireAt`, for that has an index. */
type PlaceDocument = { _id: string; expireAt: Date; retentionDays: number }

/** `seen`: how many it dealt with; as many as were asked for when there may be more. */
export type RedactStep = (
  o: Readonly<{ now: Date; afterMs: number; limit: number }>,
) => Promise<Readonly<{ seen: number }>>

/**
 * Takes the content out of the next messages that ended at least `afterMs` ago, the first that ended first. Collection
 * `sweep_places` keeps how far that has come, so that no step looks at what is done. Repeating one is safe.
 */
export function createRedactStep(
  db: mongo.Db,
  rows: MessageCollection,
  { retentionDays }: Readonly<{ retentionDays: number }>,
): RedactStep {
  const places = db.collection<PlaceDocument>('sweep_places')
  return async ({ now, afterMs, limit }) => {
    const place = await places.findOne({ _id: NAME })
    // What ended under another retention stands elsewhere in the order.
    const from = place?.retentionDays === retentionDays ? place.expireAt : new Date(0)
    const until = new Date(now.getTime() - afterMs + retentionDays * DAY_MS)
    const ended = { $gte: from, $lte: until }
    const found = await rows
      .find<Pick<MessageDocument, '_id' | 'expireAt'>>(
        { expireAt: ended, redacted: { $exists: false }, erased: { $exists: false } },
        { projection: { expireAt: 1 } },
      )
      .hint('retention_of_ended')
      .sort({ expireAt: 1 })
      .limit(limit)
      .toArray()
    await redact(
      rows,
      found.map(({ _id }) => _id),
      until,
    )
    const last = found.length === limit ? found.at(-1)?.expireAt : until
    if (last !== undefined && last > from) {
      await places.updateOne({ _id: NAME }, { $set: { expireAt: last, retentionDays } }, { upsert: true })
    }
    return { seen: found.length }
  }
}

/** One that was replayed meanwhile needs its content. */
async function redact(rows: MessageCollection, ids: readonly string[], until: Date): Promise<void> {
  if (ids.length === 0) return
  await twice(() =>
    rows.updateMany({ _id: { $in: [...ids] }, expireAt: { $lte: until }, status: { $nin: [...OPEN_STATUSES] } }, [
      { $set: { content: { $literal: {} }, labels: '$$REMOVE', redacted: '$$NOW' } },
    ]),
  )
}
