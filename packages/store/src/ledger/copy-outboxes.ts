import type { EventDraft } from '../events/event-document.ts'
import type { MessageCollection, MessageDocument } from './message-document.ts'

type OutboxRow = Pick<MessageDocument, '_id' | keyof typeof PROJECTION>

const PROJECTION = {
  user: 1,
  instance: 1,
  instanceId: 1,
  to: 1,
  type: 1,
  reference: 1,
  metadata: 1,
  outbox: 1,
  eventCount: 1,
  traceparent: 1,
} as const

/**
 * Appends what at most `limit` rows have to tell to the events, oldest first, and takes it out of the rows. Answers how
 * many rows it found, and the last place of the sequence. Repeating it is safe, and so is doing it twice at once.
 */
export async function copyOutboxes(
  rows: MessageCollection,
  append: (drafts: readonly EventDraft[]) => Promise<number>,
  limit: number,
): Promise<Readonly<{ rows: number; head: number | undefined }>> {
  // Only what a majority has: an entry that is rolled back was never true, and its number is given to another.
  const found = await rows
    .find<OutboxRow>({ outbox: { $exists: true } }, { projection: PROJECTION, readConcern: 'majority' })
    .hint('outbox')
    .sort({ 'outbox.at': 1 })
    .limit(limit)
    .batchSize(limit)
    .toArray()
  if (found.length === 0) return { rows: 0, head: undefined }
  const head = await append(found.flatMap(draftsOf))
  await clear(rows, found)
  return { rows: found.length, head }
}

function draftsOf({ _id: messageId, outbox = [], type: messageType, ...row }: OutboxRow): EventDraft[] {
  const { user, instance, instanceId, to, reference, metadata, traceparent } = row
  return outbox.map((entry) => ({
    _id: `${messageId}:${entry.n}`,
    ...entry,
    user,
    instance,
    instanceId,
    messageId,
    to,
    messageType,
    ...(reference !== undefined && { reference }),
    ...(metadata !== undefined && { metadata }),
    ...(traceparent !== undefined && { traceparent }),
  }))
}

/** Rows that have told as much are cleared together: nearly all of a batch, in a plain update each. */
async function clear(rows: MessageCollection, copied: readonly OutboxRow[]): Promise<void> {
  const byCount = Map.groupBy(copied, ({ eventCount = 0 }) => eventCount)
  await Promise.all(
    [...byCount].map(async ([eventCount, group]) => {
      const _id = { $in: group.map((row) => row._id) }
      const { matchedCount } = await rows.updateMany({ _id, eventCount }, { $unset: { outbox: 1 } })
      // The others have more to tell by now.
      if (matchedCount < group.length)
        await rows.updateMany(
          { _id, eventCount: { $gt: eventCount } },
          { $pull: { outbox: { n: { $lte: eventCount } } } },
        )
    }),
  )
}
