import { sourcesOf } from '@whatsapp-sender/contract'
import type { MessageCollection } from './message-document.ts'
import type { EndReason } from './message-row.ts'
import { tell } from './outbox.ts'

const DAY_MS = 86_400_000

const MAY_HAVE_LEFT: EndReason = {
  code: 'expired-after-ambiguous',
  detail: 'The message expired after an attempt that may have sent it.',
}

/**
 * Ends rows that wait and cannot go any more. What expires after an attempt that may have sent it ends as `unknown`:
 * `expired` tells its reader that nothing was sent.
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
  const mayHaveLeft = status === 'expired' ? { $in: ['ambiguous', '$attempts.error.kind'] } : false
  const result = await rows.updateMany({ _id: { $in: [...ids] }, status: { $in: sourcesOf(status, 'owner') } }, [
    {
      $set: {
        status: { $cond: [mayHaveLeft, 'unknown', status] },
        reason: { $cond: [mayHaveLeft, { $literal: MAY_HAVE_LEFT }, { $literal: reason }] },
        attention: { $cond: [{ $or: [mayHaveLeft, status === 'failed'] }, 1, '$$REMOVE'] },
        failedAt: '$$NOW',
        open: '$$REMOVE',
        wakeAt: '$$REMOVE',
        nextAttemptAt: '$$REMOVE',
        expireAt: { $add: ['$$NOW', retentionDays * DAY_MS] },
      },
    },
    tell({ $concat: ['message.', '$status'] }),
  ])
  return result.matchedCount
}
