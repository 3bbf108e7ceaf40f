import type { mongo } from 'mongoose'
import { twice } from './claim-messages.ts'
import type { MessageCollection, MessageDocument } from './message-document.ts'
import type { MessageRow } from './message-row.ts'
import { tell } from './outbox.ts'

/**
 * What the owners of rows have to look at by now. `wake`: instances with marked rows, and the earliest mark of each.
 * `expired`: rows that wait and whose time has run out, the longest first.
 */
export type DueWork = Readonly<{
  wake: readonly Readonly<{ instance: string; from: Date }>[]
  expired: readonly ExpiredMessage[]
}>

/** `mayHaveLeft`: it ends as `unknown`. */
export type ExpiredMessage = Readonly<
  Pick<MessageRow, 'id' | 'instance' | 'to' | 'type' | 'traceparent'> & { expiresAt: Date; mayHaveLeft: boolean }
>

/** Both are looked for in one command, for this is asked every second however little there is to do. */
export async function dueWork(rows: MessageCollection, now: Date, limit: number): Promise<DueWork> {
  const found = await rows
    .aggregate<Waking | ExpiredDocument>([
      { $match: { wakeAt: { $lte: now } } },
      { $group: { _id: '$instance', from: { $min: '$wakeAt' } } },
      { $project: { _id: 0, instance: '$_id', from: 1 } },
      {
        $unionWith: {
          coll: rows.collectionName,
          pipeline: [
            { $match: { open: 1, expiresAt: { $lte: now }, status: { $in: ['queued', 'scheduled'] } } },
            { $sort: { expiresAt: 1 } },
            { $limit: limit },
            { $project: { instance: 1, to: 1, type: 1, traceparent: 1, expiresAt: 1, mayHaveLeft: 1 } },
          ],
        },
      },
    ])
    .toArray()
  return {
    wake: found.flatMap((each) => ('from' in each ? [each] : [])),
    expired: found.flatMap((each) => {
      if ('from' in each) return []
      const { _id: id, mayHaveLeft = false, ...row } = each
      return [{ ...row, id, mayHaveLeft }]
    }),
  }
}

type Waking = DueWork['wake'][number]

type ExpiredDocument = Omit<ExpiredMessage, 'id' | 'mayHaveLeft'> & Pick<MessageDocument, '_id' | 'mayHaveLeft'>

const WAKE_MAX = 2000

/**
 * Opens what is due on these instances and takes the marks away, 2,000 at most; the caller then loads the
 * instances anew. Returns whether more are left. In the order of each instance, so that a reader who comes between two
 * calls finds nothing of which an older row is still shut.
 */
export async function wake(rows: MessageCollection, instances: readonly string[], now: Date): Promise<boolean> {
  const marked: mongo.Filter<MessageDocument> = { instance: { $in: [...instances] }, wakeAt: { $lte: now } }
  const page = await rows
    .find(marked, { projection: { _id: 1 } })
    .sort({ wakeAt: 1, instance: 1, offset: 1 })
    .limit(WAKE_MAX)
    .batchSize(WAKE_MAX)
    .toArray()
  if (page.length === 0) return false
  // One that is held by its campaign has no time of its own.
  const isScheduled = { $and: [{ $eq: ['$status', 'scheduled'] }, { $not: ['$held'] }] }
  const isDue = { $and: [isScheduled, { $lte: ['$sendAt', now] }] }
  await twice(() =>
    rows.updateMany({ _id: { $in: page.map(({ _id }) => _id) }, wakeAt: { $lte: now } }, [
      { $set: { _due: isDue } },
      {
        $set: {
          status: { $cond: ['$_due', 'queued', '$status'] },
          wokenAt: '$wakeAt',
          // One that was put off after its mark had been set is marked for its new time.
          wakeAt: {
            $cond: [{ $and: [isScheduled, { $not: ['$_due'] }] }, '$sendAt', '$$REMOVE'],
          },
        },
      },
      tell('message.queued', { when: '$_due' }),
      { $unset: '_due' },
    ]),
  )
  return page.length === WAKE_MAX
}

/** Has the owner of these instances, whoever that is by now, read them anew. */
export async function callOwner(rows: MessageCollection, instances: readonly string[]): Promise<void> {
  if (instances.length === 0) return
  await rows.bulkWrite(
    instances.map((instance) => ({
      updateOne: { filter: { open: 1, instance }, update: [{ $set: { wakeAt: { $ifNull: ['$wakeAt', '$$NOW'] } } }] },
    })),
    { ordered: false },
  )
}
