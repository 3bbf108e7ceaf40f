import { sourcesOf } from '@whatsapp-sender/contract'
import type { MessageCollection } from './message-document.ts'
import type { EndReason } from './message-row.ts'

const DAY_MS = 86_400_000

/** Ends rows that wait and cannot go any more: nobody has claimed them, so nothing was sent. */
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
  const attention = status === 'failed' ? { attention: 1 } : {}
  const result = await rows.updateMany({ _id: { $in: [...ids] }, status: { $in: sourcesOf(status, 'owner') } }, [
    {
      $set: {
        status,
        reason: { $literal: reason },
        failedAt: '$$NOW',
        open: '$$REMOVE',
        wakeAt: '$$REMOVE',
        nextAttemptAt: '$$REMOVE',
        expireAt: { $add: ['$$NOW', retentionDays * DAY_MS] },
        ...attention,
      },
    },
  ])
  return result.matchedCount
}
