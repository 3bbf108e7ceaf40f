import type { mongo } from 'mongoose'
import { ignoreDuplicateKeys } from './duplicate-key.ts'
import type { Receipt } from './ledger/apply-receipts.ts'

/** A message of Evolution's own log that may be one of ours whose answer never came. */
export type SentEvidence = Readonly<{
  instanceId: string
  keyId: string
  status: 'sent'
  remoteJid: string
  /** `textHashOf` its text, when the event carried one. */
  textHash?: string | undefined
  at: Date
}>

/** An event of Evolution whose `keyId` no row has yet. `ageMs`: since it was stored. */
export type PendingReceipt = (Receipt | SentEvidence) & Readonly<{ id: string; tries: number; ageMs: number }>

/** `at`: when it was stored, by the database's clock. */
export type EvidenceCandidate = Readonly<{ id: string; keyId: string; remoteJid: string; at: Date }>

type PendingReceiptDocument = {
  _id: string
  instanceId: string
  keyId: string
  status: Receipt['status'] | 'sent'
  remoteJid?: string
  textHash?: string
  at: Date
  tries: number
  storedAt: Date
  nextTryAt: Date
  expireAt: Date
  /** Id of the message that this event proves. */
  usedBy?: string
}

type AgedDocument = PendingReceiptDocument & { ageMs: number }

/** Waits before each try; the last one repeats. The row is usually written a moment after the event came. */
const TRY_DELAYS_MS = [1000, 5000, 30_000, 60_000, 300_000]

/** The TTL index only clears what nobody tried in time: it must not be faster than the one who counts. */
const KEPT_MS = 2 * 60 * 60 * 1000

export const PENDING_RECEIPT_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'due', key: { nextTryAt: 1 } },
  {
    name: 'evidence_stored',
    key: { instanceId: 1, textHash: 1, storedAt: 1 },
    partialFilterExpression: { textHash: { $exists: true } },
  },
  { name: 'expired', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export type PendingReceipts = ReturnType<typeof createPendingReceipts>

/**
 * Collection `pending_receipts`. The id is made of what the event says, so an event that comes again changes nothing.
 * All times but the event's own are the database's: what one process stores another one judges.
 */
export function createPendingReceipts(
  db: mongo.Db,
  {
    providerIdsKnown,
  }: Readonly<{
    /** Which of these ids some row of the ledger has, as `instanceId/keyId`. */
    providerIdsKnown(ids: readonly Readonly<{ instanceId: string; keyId: string }>[]): Promise<ReadonlySet<string>>
  }>,
) {
  const pending = db.collection<PendingReceiptDocument>('pending_receipts')
  return {
    /** Throws when it is not certain that all are kept. */
    store: async (events: readonly (Receipt | SentEvidence)[]): Promise<void> => {
      if (events.length === 0) return
      await pending.bulkWrite(events.map(insertion), { ordered: false }).catch(ignoreDuplicateKeys)
    },
    due: async (limit: number): Promise<PendingReceipt[]> => {
      const found = await pending
        .aggregate<AgedDocument>([
          { $match: { $expr: { $lte: ['$nextTryAt', '$$NOW'] } } },
          { $sort: { nextTryAt: 1 } },
          { $limit: limit },
          { $set: { ageMs: { $subtract: ['$$NOW', '$storedAt'] } } },
        ])
        .toArray()
      return found.map(pendingOf)
    },
    done: async (ids: readonly string[]): Promise<void> => {
      if (ids.length > 0) await pending.deleteMany({ _id: { $in: [...ids] } })
    },
    retryLater: async (receipts: readonly Pick<PendingReceipt, 'id' | 'tries'>[]): Promise<void> => {
      if (receipts.length === 0) return
      await pending.bulkWrite(
        receipts.map(({ id, tries }) => ({
          updateOne: {
            filter: { _id: id, tries },
            update: [{ $set: { tries: tries + 1, nextTryAt: fromNow(delayBefore(tries + 1)) } }],
          },
        })),
        { ordered: false },
      )
    },
    /**
     * Sends of this text by this instance that no row knows of, stored since `from` by the database's clock. There is no
     * latest time: what was told in time is stored late by a reader that lags. Those already taken as proof of another
     * message than `messageId` are left out.
     */
    evidenceFor: async ({
      instanceId,
      textHash,
      from,
      messageId,
    }: Readonly<{
      instanceId: string
      textHash: string
      from: Date
      messageId: string
    }>): Promise<EvidenceCandidate[]> => {
      const found = await pending
        .find(
          {
            instanceId,
            textHash,
            storedAt: { $gte: from },
            status: 'sent',
            usedBy: { $in: [messageId, undefined] },
          },
          { readConcern: 'majority' },
        )
        .toArray()
      // An event is stored a moment before its row is written, and stays until its next try.
      const known = await providerIdsKnown(found)
      return found
        .filter(({ keyId }) => !known.has(`${instanceId}/${keyId}`))
        .map(({ _id, keyId, remoteJid = '', storedAt: at }) => ({ id: _id, keyId, remoteJid, at }))
    },
    /** False when another message took it first. Repeating it for the same message is safe. */
    markEvidenceUsed: async (id: string, messageId: string): Promise<boolean> => {
      const marked = await pending.updateOne(
        { _id: id, usedBy: { $in: [messageId, undefined] } },
        { $set: { usedBy: messageId } },
      )
      return marked.matchedCount === 1
    },
  }
}

/** A row that is there already stays as it is. */
function insertion(event: Receipt | SentEvidence): mongo.AnyBulkWriteOperation<PendingReceiptDocument> {
  const { instanceId, keyId, status, at } = event
  const fixed = {
    instanceId,
    keyId,
    status,
    at,
    tries: 0,
    ...(event.status === 'sent' && {
      remoteJid: event.remoteJid,
      ...(event.textHash !== undefined && { textHash: event.textHash }),
    }),
  }
  const times = { storedAt: '$$NOW', nextTryAt: fromNow(delayBefore(0)), expireAt: fromNow(KEPT_MS) }
  return {
    updateOne: {
      filter: { _id: `${instanceId}/${keyId}/${status}` },
      update: [
        { $replaceWith: { $cond: [IS_NEW, { $mergeObjects: ['$$ROOT', { $literal: fixed }, times] }, '$$ROOT'] } },
      ],
      upsert: true,
    },
  }
}

const IS_NEW = { $eq: [{ $type: '$storedAt' }, 'missing'] }

function fromNow(ms: number): Record<string, unknown> {
  return { $add: ['$$NOW', ms] }
}

function pendingOf(doc: AgedDocument): PendingReceipt {
  const { _id: id, instanceId, keyId, status, at, tries, ageMs } = doc
  const common = { id, instanceId, keyId, at, tries, ageMs }
  if (status !== 'sent') return { ...common, status }
  return { ...common, status, remoteJid: doc.remoteJid ?? '', textHash: doc.textHash }
}

function delayBefore(tries: number): number {
  return TRY_DELAYS_MS[Math.min(tries, TRY_DELAYS_MS.length - 1)] ?? 0
}
