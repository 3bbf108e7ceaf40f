import type { mongo } from 'mongoose'
import { chunksOf } from '../chunks-of.ts'
import { ignoreDuplicateKeys } from '../duplicate-key.ts'
import { earlierThan } from '../earlier-than.ts'
import { KEPT_DAYS } from '../kept-days.ts'
import type { DeliveryDocument, WebhookAttempt, WebhookDelivery } from './webhook-document.ts'

export type DeliveryDraft = Readonly<
  Pick<WebhookDelivery, 'id' | 'endpoint' | 'user' | 'seq' | 'type' | 'key' | 'body' | 'traceparent'>
>

/** What an attempt makes of a delivery: `waiting` until that time, or its end. */
export type AttemptEnd =
  | Readonly<{ state: 'delivered' | 'failed' }>
  | Readonly<{ state: 'waiting'; nextAttemptAt: Date }>

export type DeliveryPlace = Readonly<{ at: number; id: string }>

type DeliveryOf = Readonly<{ endpoint: string; user: string; id: string }>

const DAY_MS = 86_400_000
/** All of one round, and what is left of those before. */
const ATTEMPTS_KEPT = 10
/** Ranges of ids that one write is asked for. */
const REMOVED_AT_ONCE = 50
const ASKED = { maxTimeMS: 5000 }

export type WebhookDeliveries = ReturnType<typeof createWebhookDeliveries>

/** Collection `webhook_deliveries`: what is to be posted, and the log of what was. */
export function createWebhookDeliveries(db: mongo.Db) {
  const deliveries = db.collection<DeliveryDocument>('webhook_deliveries')
  return {
    /** Those that are there stay as they are. Throws when it is not certain that all are kept. */
    insert: async (drafts: readonly DeliveryDraft[], now: Date): Promise<void> => {
      if (drafts.length === 0) return
      const docs = drafts.map((draft) => documentOf(draft, now))
      await deliveries.insertMany(docs, { ordered: false }).catch(ignoreDuplicateKeys)
    },
    /** In the order in which they are to be posted. */
    due: async (endpoint: string, now: Date, limit: number): Promise<WebhookDelivery[]> => {
      const found = await deliveries
        .find({ endpoint, state: 'waiting', nextAttemptAt: { $lte: now } })
        .sort({ nextAttemptAt: 1, seq: 1 })
        .limit(limit)
        .toArray()
      return found.map(deliveryOf)
    },
    /** When the next of those that wait is to be posted. */
    nextDueAt: async (endpoint: string): Promise<Date | undefined> => {
      const found = await deliveries.findOne(
        { endpoint, state: 'waiting' },
        { sort: { nextAttemptAt: 1, seq: 1 }, projection: { nextAttemptAt: 1 } },
      )
      return found?.nextAttemptAt
    },
    /** Does nothing when another attempt was recorded since this one was read. */
    recordAttempt: async (
      { endpoint, id, tries }: Pick<WebhookDelivery, 'endpoint' | 'id' | 'tries'>,
      attempt: WebhookAttempt,
      end: AttemptEnd,
    ): Promise<void> => {
      await deliveries.updateOne(
        { _id: documentIdOf(endpoint, id), state: 'waiting', tries },
        {
          $set: { ...end, tries: tries + 1 },
          ...(end.state !== 'waiting' && { $unset: { nextAttemptAt: 1 } }),
          $push: { attempts: { $each: [attempt], $slice: -ATTEMPTS_KEPT } },
        },
      )
    },
    /** Newest first. What comes meanwhile does not move a page. */
    list: async (
      {
        endpoint,
        user,
        state,
      }: Readonly<{ endpoint: string; user: string; state?: WebhookDelivery['state'] | undefined }>,
      { after, limit }: Readonly<{ after?: DeliveryPlace | undefined; limit: number }>,
    ): Promise<{ data: WebhookDelivery[]; next: DeliveryPlace | undefined }> => {
      const before = after && earlierThan('createdAt', { ...after, id: documentIdOf(endpoint, after.id) })
      const found = await deliveries
        .find({ endpoint, user, ...(state !== undefined && { state }), ...before }, ASKED)
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(deliveryOf)
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { at: last.createdAt.getTime(), id: last.id } }
    },
    /** It is posted once more, with all its retries. Undefined when it is not there. */
    replay: async ({ endpoint, user, id }: DeliveryOf, now: Date): Promise<WebhookDelivery | undefined> => {
      const found = await deliveries.findOneAndUpdate(
        { _id: documentIdOf(endpoint, id), user },
        { $set: { state: 'waiting', nextAttemptAt: now, tries: 0, expireAt: expiryAt(now) } },
        { returnDocument: 'after' },
      )
      return found === null ? undefined : deliveryOf(found)
    },
    /** Of events of these messages, to these endpoints. */
    removeOfMessages: async (endpoints: readonly string[], messageIds: readonly string[]): Promise<void> => {
      for (const endpoint of endpoints) {
        for (const some of chunksOf(messageIds, REMOVED_AT_ONCE)) {
          const place = (id: string) => documentIdOf(endpoint, id)
          await deliveries.deleteMany({
            $or: some.map((id) => ({ _id: { $gte: place(`${id}:`), $lt: place(`${id};`) } })),
          })
        }
      }
    },
    removeAllOf: async ({ endpoint, user }: Readonly<{ endpoint: string; user: string }>): Promise<void> => {
      await deliveries.deleteMany({ endpoint, user })
    },
  }
}

function documentIdOf(endpoint: string, event: string): string {
  return `${endpoint}/${event}`
}

function expiryAt(now: Date): Date {
  return new Date(now.getTime() + KEPT_DAYS.webhookDeliveries * DAY_MS)
}

function documentOf({ id, ...draft }: DeliveryDraft, now: Date): DeliveryDocument {
  return {
    _id: documentIdOf(draft.endpoint, id),
    event: id,
    ...draft,
    state: 'waiting',
    nextAttemptAt: now,
    tries: 0,
    attempts: [],
    createdAt: now,
    expireAt: expiryAt(now),
  }
}

function deliveryOf({ _id: _place, event, expireAt: _expiry, ...delivery }: DeliveryDocument): WebhookDelivery {
  return { ...delivery, id: event }
}
