import type { MessageCollection, MessageDocument } from './message-document.ts'
import type { Attempt } from './message-row.ts'
import { ASKED_MAX_MS } from './user-action.ts'

/** What of a row says what it waits for. `lastOutcome`: of its last attempt. */
export type WaitingRow = Readonly<
  Pick<MessageDocument, 'instanceId' | 'to' | 'status' | 'held' | 'sendAt' | 'nextAttemptAt'> & {
    lastOutcome?: Attempt['outcome'] | undefined
  }
>

/** `eventCount`: how much has been told of it. */
export type WaitingMessage = Readonly<{ id: string; user: string; eventCount?: number }> & WaitingRow

/** Of the attempts only what the last one came to: whole ones would be most of what a list reads. */
export const LAST_OUTCOME = { lastOutcome: { $last: '$attempts.outcome' } } as const

const PROJECTION = {
  user: 1,
  instanceId: 1,
  to: 1,
  status: 1,
  held: 1,
  sendAt: 1,
  nextAttemptAt: 1,
  eventCount: 1,
  ...LAST_OUTCOME,
} as const

/** Those of these messages that have not begun to leave and have not ended. */
export async function waitingMessages(rows: MessageCollection, ids: readonly string[]): Promise<WaitingMessage[]> {
  const found = await rows
    .find<Omit<WaitingMessage, 'id'> & { _id: string }>(
      { _id: { $in: [...ids] }, status: { $in: ['scheduled', 'queued'] } },
      { projection: PROJECTION, maxTimeMS: ASKED_MAX_MS, batchSize: ids.length },
    )
    .toArray()
  return found.map(({ _id: id, ...row }) => ({ id, ...row }))
}
