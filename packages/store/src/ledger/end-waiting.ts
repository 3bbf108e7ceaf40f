import { sourcesOf } from '@whatsapp-sender/contract'
import type { MessageCollection } from './message-document.ts'
import type { EndReason } from './message-row.ts'
import { tell } from './outbox.ts'
import { WAKE_IF_HELD_BACK } from './user-action.ts'

const DAY_MS = 86_400_000

const MAY_HAVE_LEFT: EndReason = {
  code: 'expired-after-ambiguous',
  detail: 'The message expired after an attempt that may have sent it.',
}

/**
 * Ends rows that wait and cannot go any more. Only what has expired by the database's clock ends as `expired`: the caller
 * may know of an expiry that was changed since. After an attempt that may have sent it, it ends as `unknown`: `expired`
 * tells its reader that nothing was sent.
 */
export async function endWaiting(
  rows: MessageCollection,
  {
    ids,
    status,
    reason,
    retentionDays,
  }: Readonly<{
    ids: readonly string[]
    status: 'failed' | 'expired'
    reason: EndReason
    retentionDays: number
  }>,
): Promise<number> {
  if (ids.length === 0) return 0
  const mayHaveLeft = status === 'expired' && '$mayHaveLeft'
  const waiting = { _id: { $in: [...ids] }, status: { $in: sourcesOf(status, 'owner') } }
  const over = { expiresAt: { $exists: true }, $expr: { $lte: ['$expiresAt', '$$NOW'] } }
  const result = await rows.updateMany({ ...waiting, ...(status === 'expired' && over) }, [
    {
      $set: {
        status: { $cond: [mayHaveLeft, 'unknown', status] },
        reason: { $cond: [mayHaveLeft, { $literal: MAY_HAVE_LEFT }, { $literal: reason }] },
        attention: { $cond: [{ $or: [mayHaveLeft, status === 'failed'] }, 1, '$$REMOVE'] },
        failedAt: '$$NOW',
        open: '$$REMOVE',
        held: '$$REMOVE',
        wakeAt: WAKE_IF_HELD_BACK,
        nextAttemptAt: '$$REMOVE',
        expireAt: { $add: ['$$NOW', retentionDays * DAY_MS] },
      },
    },
    tell({ $concat: ['message.', '$status'] }),
  ])
  return result.matchedCount
}
