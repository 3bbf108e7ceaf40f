import type { Recipient } from '@whatsapp-sender/contract'
import type { SuppressionBook, Suppressions } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'

const REFRESH_TIMEOUT_MS = 1000

/** Changes a suppression list so that whoever was answered finds it so here at once; other processes follow in seconds. */
export function createSuppress(o: {
  suppressions: Pick<Suppressions, 'add' | 'remove'>
  book: Pick<SuppressionBook, 'refresh'>
}) {
  return {
    suppress: async (user: string, numbers: readonly Recipient[], reason: string | undefined): Promise<void> => {
      await o.suppressions.add(user, numbers, reason)
      await inTime(o.book.refresh(), REFRESH_TIMEOUT_MS)
    },
    unsuppress: async (user: string, number: Recipient): Promise<boolean> => {
      const wasListed = await o.suppressions.remove(user, number)
      await inTime(o.book.refresh(), REFRESH_TIMEOUT_MS)
      return wasListed
    },
  }
}
