import { twice } from './claim-messages.ts'
import type { MessageCollection } from './message-document.ts'
import { tell } from './outbox.ts'

/** A message that was sent and of which no receipt has come in time. `asked`: how often Evolution was asked already. */
export type OverdueReceipt = Readonly<{
  id: string
  instance: string
  instanceId: string
  providerMessageId: string
  asked: number
}>

/** With waits that double each time, the last question comes sixteen times the first wait after the send. */
const ASKED_MAX = 5

/** Messages whose receipt is overdue, the longest first. `now`: the store's clock. */
export async function overdueReceipts(rows: MessageCollection, now: Date, limit: number): Promise<OverdueReceipt[]> {
  const found = await rows
    .find(
      { askAt: { $lte: now } },
      { projection: { instance: 1, instanceId: 1, providerMessageId: 1, asked: 1 }, batchSize: limit },
    )
    .sort({ askAt: 1 })
    .limit(limit)
    .toArray()
  return found.map(({ _id, instance, instanceId, providerMessageId = '', asked = 0 }) => ({
    id: _id,
    instance,
    instanceId,
    providerMessageId,
    asked,
  }))
}

/**
 * Marks messages as stuck and sets when they are to be asked for next, each time after twice as long; after the fifth
 * question never. A receipt that came meanwhile wins.
 */
export async function markStuck(
  rows: MessageCollection,
  ids: readonly string[],
  { now, stuckAfterMs }: Readonly<{ now: Date; stuckAfterMs: number }>,
): Promise<void> {
  if (ids.length === 0) return
  const asked = { $add: [{ $ifNull: ['$asked', 0] }, 1] }
  const next = { $add: [now, { $multiply: [stuckAfterMs, { $pow: [2, { $subtract: ['$asked', 1] }] }] }] }
  await twice(() =>
    rows.updateMany({ _id: { $in: [...ids] }, status: 'sent', askAt: { $lte: now } }, [
      { $set: { stuck: true, asked, _told: '$stuck' } },
      { $set: { askAt: { $cond: [{ $lt: ['$asked', ASKED_MAX] }, next, '$$REMOVE'] } } },
      tell('message.stuck', { when: { $ne: ['$_told', true] } }),
      { $unset: '_told' },
    ]),
  )
}
