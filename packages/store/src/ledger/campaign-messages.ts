/**
 * The messages of a campaign, all at once. One that waits while its campaign is paused is *held*: it is `scheduled` without
 * a time, so nobody claims it, and it keeps its place. All of these are repeated by their caller until there is nothing
 * left to do, for messages may still be on their way into the ledger.
 */
import { type MessageStatus, OPEN_STATUSES } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { CANCELLABLE, type Cancelling, cancelPipeline, tellingCancelled } from './cancel-message.ts'
import { twice } from './claim-messages.ts'
import { CAMPAIGN_COUNTS } from './ledger-indexes.ts'
import type { CampaignCounted, MessageCollection, MessageDocument } from './message-document.ts'
import { tell } from './outbox.ts'
import { ASKED_MAX_MS } from './user-action.ts'

/** How many messages an instance has in a status; those that are being sent count as `queued`. */
export type CampaignCount = Readonly<{ instance: string; status: CampaignCounted; count: number }>

type CampaignOf = Readonly<{ campaign: string; user: string }>

const CHUNK = 1000

/** `campaignStatus` leads to them, and of those that it calls queued some are being sent. */
const WAITING = { campaignStatus: { $in: CANCELLABLE.status.$in.filter(isCounted) }, ...CANCELLABLE }

/** By instance and status, from an index alone. */
export async function countCampaign(rows: MessageCollection, campaign: string): Promise<CampaignCount[]> {
  const found = await rows
    .aggregate<{ _id: Omit<CampaignCount, 'count'>; count: number }>(
      [
        { $match: { campaign } },
        { $group: { _id: { status: '$campaignStatus', instance: '$instance' }, count: { $sum: 1 } } },
      ],
      { hint: CAMPAIGN_COUNTS, maxTimeMS: ASKED_MAX_MS },
    )
    .toArray()
  return found.map(({ _id, count }) => ({ ..._id, count }))
}

export function countOpenOfCampaign(rows: MessageCollection, campaign: string, instance: string): Promise<number> {
  const open = { campaign, campaignStatus: { $in: OPEN_STATUSES.filter(isCounted) }, instance }
  return rows.countDocuments(open, { hint: CAMPAIGN_COUNTS, maxTimeMS: ASKED_MAX_MS })
}

/** Whether one of them is in the ledger. */
export async function isAnyThere(rows: MessageCollection, ids: readonly string[]): Promise<boolean> {
  return (await rows.findOne({ _id: { $in: [...ids] } }, { projection: { _id: 1 }, maxTimeMS: ASKED_MAX_MS })) !== null
}

/** Answers how many may still have to be held: those that are being sent may come back. */
export async function holdCampaign(rows: MessageCollection, { campaign, user }: CampaignOf): Promise<number> {
  await inChunks(rows, { campaign, user, ...WAITING, held: { $exists: false } }, [
    { $set: { _before: '$status' } },
    {
      $set: {
        status: 'scheduled',
        held: true,
        // The owner has a queued row in memory and must hear of it.
        wakeAt: { $cond: [{ $eq: ['$status', 'queued'] }, '$$NOW', '$$REMOVE'] },
      },
    },
    tell('message.scheduled', { when: { $ne: ['$_before', 'scheduled'] } }),
    { $unset: '_before' },
  ])
  return await countSending(rows, campaign)
}

/** What was held goes on, in its old place. */
export async function releaseCampaign(rows: MessageCollection, { campaign, user }: CampaignOf): Promise<void> {
  const isLater = { $gt: ['$sendAt', '$$NOW'] }
  await inChunks(rows, { campaign, user, campaignStatus: 'scheduled', held: true }, [
    {
      $set: {
        status: { $cond: [isLater, 'scheduled', 'queued'] },
        wakeAt: { $cond: [isLater, '$sendAt', '$$NOW'] },
        held: '$$REMOVE',
      },
    },
    tell('message.queued', { when: { $eq: ['$status', 'queued'] } }),
  ])
}

/** Answers how many may still have to be cancelled: those that are being sent may come back. */
export async function cancelCampaign(
  rows: MessageCollection,
  { campaign, user, retentionDays, watch }: CampaignOf & Cancelling,
): Promise<number> {
  await inChunks(rows, { campaign, user, ...WAITING }, cancelPipeline({ by: user }, retentionDays), watch)
  return await countSending(rows, campaign)
}

function isCounted<S extends MessageStatus>(status: S): status is Exclude<S, 'sending'> {
  return status !== 'sending'
}

async function countSending(rows: MessageCollection, campaign: string): Promise<number> {
  const sending: mongo.Filter<MessageDocument> = { campaign, campaignStatus: 'queued', status: 'sending' }
  return await rows.countDocuments(sending, { hint: CAMPAIGN_COUNTS, maxTimeMS: ASKED_MAX_MS })
}

/** Each chunk is a write of its own: what is done when something fails stays done. */
async function inChunks(
  rows: MessageCollection,
  which: mongo.Filter<MessageDocument>,
  pipeline: mongo.Document[],
  watch?: Cancelling['watch'],
): Promise<void> {
  for (;;) {
    const found = await rows
      .find(which, { projection: { _id: 1 }, hint: CAMPAIGN_COUNTS, maxTimeMS: ASKED_MAX_MS })
      .limit(CHUNK)
      .toArray()
    const ids = found.map(({ _id }) => _id)
    if (ids.length > 0) {
      await tellingCancelled(rows, { ids, watch }, () =>
        twice(() => rows.updateMany({ $and: [{ _id: { $in: ids } }, which] }, pipeline)),
      )
    }
    if (found.length < CHUNK) return
  }
}
