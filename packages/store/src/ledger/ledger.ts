import type { mongo } from 'mongoose'
import type { EventDraft } from '../events/event-document.ts'
import { applyReceipts, providerIdsKnown, type Receipt } from './apply-receipts.ts'
import {
  type CampaignCount,
  cancelCampaign,
  countCampaign,
  countOpenOfCampaign,
  holdCampaign,
  isAnyThere,
  releaseCampaign,
} from './campaign-messages.ts'
import { type Cancelling, cancelAllTo, cancelMatching, cancelMessage, cancelThese } from './cancel-message.ts'
import { claimMessages, type HeldClaim, readRows, releaseMessages } from './claim-messages.ts'
import { copyOutboxes } from './copy-outboxes.ts'
import { countRows } from './count-rows.ts'
import { countWaiting } from './count-waiting.ts'
import { callOwner, type DueWork, dueWork, wake } from './due-work.ts'
import { endWaiting } from './end-waiting.ts'
import { closedRowsTo, closeRowsTo, emptyRows, type MessagesTo, nextUserWithRows, rowsTo } from './erase-messages.ts'
import { hasRowAhead } from './find-ahead.ts'
import { type InsertResult, insertMessages } from './insert-messages.ts'
import { type DeadLetterFilter, listDeadLetters, readPlaces } from './list-dead-letters.ts'
import { listMessages, type MessageFilter, readMessagePlaces } from './list-messages.ts'
import type { PageRequest } from './list-place.ts'
import { instancesWithOpenRows, type LoadRequest, loadOpenRows } from './load-messages.ts'
import { type IngestedMessage, type LaneRow, type MessageDocument, messageRowOf } from './message-document.ts'
import type { EndReason, MessageRow } from './message-row.ts'
import { type Outcome, recordOutcomes } from './record-outcomes.ts'
import { createRedactStep } from './redact-messages.ts'
import {
  discardMatching,
  discardMessage,
  discardThese,
  type Replay,
  replayMatching,
  replayMessage,
  replayThese,
} from './replay-messages.ts'
import { type Reschedule, rescheduleMessage } from './reschedule-message.ts'
import { markStuck, type OverdueReceipt, overdueReceipts } from './stuck-messages.ts'
import { unknownMessages } from './unknown-messages.ts'
import { type Actor, ASKED_MAX_MS, filterOf, type MessageOf } from './user-action.ts'
import { type WaitingMessage, waitingMessages } from './waiting-messages.ts'

/** Collection `messages`: the only truth about a message once it is ingested. Nothing else writes a status. */
export type Ledger = ReturnType<typeof createLedger>

export function createLedger(
  db: mongo.Db,
  { stuckAfterMs, ...cancelling }: Readonly<{ stuckAfterMs: number }> & Cancelling,
) {
  const { retentionDays } = cancelling
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
    /** `now`: the store's clock; `limit`: of expired rows. */
    dueWork: (now: Date, limit: number): Promise<DueWork> => dueWork(rows, now, limit),
    wake: (instances: readonly string[], now: Date) => wake(rows, instances, now),
    callOwner: (instances: readonly string[]) => callOwner(rows, instances),
    cancel: (message: MessageOf & Readonly<{ by: string }>) => cancelMessage(rows, { ...message, ...cancelling }),
    cancelMatching: (filter: MessageFilter, how: PageRequest & Readonly<{ by: string }>) =>
      cancelMatching(rows, filter, { ...how, ...cancelling }),
    /** Which messages match, newest first; of what has to be looked for, a bounded stretch. */
    messagePlaces: (filter: MessageFilter, page: PageRequest) => readMessagePlaces(rows, filter, page),
    cancelThese: (ids: readonly string[], how: Actor & Readonly<{ user: string }>) =>
      cancelThese(rows, ids, { ...how, ...cancelling }),
    cancelAllTo: (which: MessagesTo, by: string) => cancelAllTo(rows, which, { by, ...cancelling }),
    nextUserWithRows: (after: string) => nextUserWithRows(rows, after),
    rowsTo: (which: MessagesTo) => rowsTo(rows, which),
    closeRowsTo: (which: MessagesTo) => closeRowsTo(rows, which),
    closedRowsTo: (which: MessagesTo, limit: number) => closedRowsTo(rows, which, limit),
    emptyRows: (ids: readonly string[]) => emptyRows(rows, ids),
    /** By instance, of 100,000 at most. */
    countWaiting: () => countWaiting(rows),
    countRows: () => countRows(rows),
    /** Takes the content out of the next messages that ended long enough ago. */
    redact: createRedactStep(db, rows, { retentionDays }),
    countCampaign: (campaign: string): Promise<CampaignCount[]> => countCampaign(rows, campaign),
    countOpenOfCampaign: (campaign: string, instance: string) => countOpenOfCampaign(rows, campaign, instance),
    isAnyThere: (ids: readonly string[]) => isAnyThere(rows, ids),
    holdCampaign: (which: Parameters<typeof holdCampaign>[1]) => holdCampaign(rows, which),
    releaseCampaign: (which: Parameters<typeof releaseCampaign>[1]) => releaseCampaign(rows, which),
    cancelCampaign: (which: Parameters<typeof releaseCampaign>[1]) => cancelCampaign(rows, { ...which, ...cancelling }),
    reschedule: (message: MessageOf & Readonly<{ by: string }>, change: Reschedule) =>
      rescheduleMessage(rows, message, change),
    listMessages: (filter: MessageFilter, page: PageRequest) => listMessages(rows, filter, page),
    listDeadLetters: (filter: DeadLetterFilter, page: PageRequest) => listDeadLetters(rows, filter, page),
    replay: (message: MessageOf, how: Replay) => replayMessage(rows, message, how),
    replayMatching: (filter: DeadLetterFilter, how: Replay & PageRequest) => replayMatching(rows, filter, how),
    discard: (message: MessageOf, who: Readonly<{ by: string }>) => discardMessage(rows, message, who),
    discardMatching: (filter: DeadLetterFilter, who: Readonly<{ by: string }> & PageRequest) =>
      discardMatching(rows, filter, who),
    deadLetterPlaces: (filter: DeadLetterFilter, page: PageRequest) => readPlaces(rows, filter, page),
    replayThese: (ids: readonly string[], how: Replay & Readonly<{ filter: DeadLetterFilter }>) =>
      replayThese(rows, ids, how),
    discardThese: (ids: readonly string[], how: Actor & Readonly<{ filter: DeadLetterFilter }>) =>
      discardThese(rows, ids, how),
    /** Anybody's without `user`. */
    findDeadLetter: async (message: MessageOf): Promise<MessageRow | undefined> => {
      const row = await rows.findOne({ ...filterOf(message), attention: 1 }, { maxTimeMS: ASKED_MAX_MS })
      return row === null ? undefined : messageRowOf(row)
    },
    applyReceipts: (receipts: readonly Receipt[]) => applyReceipts(rows, receipts),
    providerIdsKnown: (ids: readonly Readonly<{ instanceId: string; keyId: string }>[]) => providerIdsKnown(rows, ids),
    overdueReceipts: (now: Date, limit: number): Promise<OverdueReceipt[]> => overdueReceipts(rows, now, limit),
    markStuck: (ids: readonly string[], now: Date) => markStuck(rows, ids, { now, stuckAfterMs }),
    /** What rows have to tell goes to the events, oldest first. Any process may do it, and two at once. */
    copyOutboxes: (append: (drafts: readonly EventDraft[]) => Promise<number>, limit: number) =>
      copyOutboxes(rows, append, limit),
    waiting: (ids: readonly string[]): Promise<WaitingMessage[]> => waitingMessages(rows, ids),
    hasRowAhead: (place: Parameters<typeof hasRowAhead>[1]) => hasRowAhead(rows, place),
    unknownMessages: (instanceId: string, since: Date): Promise<LaneRow[]> => unknownMessages(rows, instanceId, since),
    /** By id, of those that are the user's and in the ledger. */
    bodyHashesOf: async (user: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
      const projection = { bodyHash: 1 } as const
      const found = await rows.find({ _id: { $in: [...ids] }, user }, { projection, maxTimeMS: ASKED_MAX_MS }).toArray()
      return new Map(found.map(({ _id, bodyHash }) => [_id, bodyHash]))
    },
    findOwned: async (user: string, id: string): Promise<MessageRow | undefined> => {
      const row = await rows.findOne({ _id: id, user }, { maxTimeMS: 5000 })
      return row === null ? undefined : messageRowOf(row)
    },
  }
}
