import type { mongo } from 'mongoose'
import type { EventDraft } from '../events/event-document.ts'
import { applyReceipts, providerIdsKnown, type Receipt } from './apply-receipts.ts'
import { claimMessages, type HeldClaim, readRows, releaseMessages } from './claim-messages.ts'
import { copyOutboxes } from './copy-outboxes.ts'
import { endWaiting } from './end-waiting.ts'
import { type InsertResult, insertMessages } from './insert-messages.ts'
import { instancesToWake, instancesWithOpenRows, type LoadRequest, loadOpenRows, wake } from './load-messages.ts'
import { type IngestedMessage, type LaneRow, type MessageDocument, messageRowOf } from './message-document.ts'
import type { EndReason, MessageRow } from './message-row.ts'
import { type Outcome, recordOutcomes } from './record-outcomes.ts'
import { markStuck, type OverdueReceipt, overdueReceipts } from './stuck-messages.ts'

/** Collection `messages`: the only truth about a message once it is ingested. Nothing else writes a status. */
export type Ledger = ReturnType<typeof createLedger>

export function createLedger(
  db: mongo.Db,
  { retentionDays, stuckAfterMs }: Readonly<{ retentionDays: number; stuckAfterMs: number }>,
) {
  const rows = db.collection<MessageDocument>('messages')
  return {
    /** `now`: the store's clock. */
    insert: (messages: readonly IngestedMessage[], now: Date): Promise<InsertResult> =>
      insertMessages(rows, messages, now),
    claim: (request: Readonly<{ ids: readonly string[]; token: string; by: string }>) => claimMessages(rows, request),
    release: (held: readonly HeldClaim[]) => releaseMessages(rows, held),
    recordOutcomes: (outcomes: readonly Outcome[]) => recordOutcomes(rows, outcomes, { retentionDays, stuckAfterMs }),
    endWaiting: (ids: readonly string[], status: 'failed' | 'expired', reason: EndReason) =>
      endWaiting(rows, { ids, status, reason, retentionDays }),
    load: (request: LoadRequest): Promise<LaneRow[]> => loadOpenRows(rows, request),
    read: (ids: readonly string[]): Promise<LaneRow[]> => readRows(rows, ids),
    instancesWithOpenRows: () => instancesWithOpenRows(rows),
    instancesToWake: (now: Date) => instancesToWake(rows, now),
    wake: (instances: readonly string[], now: Date) => wake(rows, instances, now),
    applyReceipts: (receipts: readonly Receipt[]) => applyReceipts(rows, receipts),
    providerIdsKnown: (ids: readonly Readonly<{ instanceId: string; keyId: string }>[]) => providerIdsKnown(rows, ids),
    overdueReceipts: (now: Date, limit: number): Promise<OverdueReceipt[]> => overdueReceipts(rows, now, limit),
    markStuck: (ids: readonly string[], now: Date) => markStuck(rows, ids, { now, stuckAfterMs }),
    /** What rows have to tell goes to the events, oldest first. Any process may do it, and two at once. */
    copyOutboxes: (append: (drafts: readonly EventDraft[]) => Promise<number>, limit: number) =>
      copyOutboxes(rows, append, limit),
    findOwned: async (user: string, id: string): Promise<MessageRow | undefined> => {
      const row = await rows.findOne({ _id: id, user }, { maxTimeMS: 5000 })
      return row === null ? undefined : messageRowOf(row)
    },
  }
}
