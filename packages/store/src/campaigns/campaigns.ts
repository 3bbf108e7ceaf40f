import {
  CAMPAIGN_ARROWS,
  type CampaignMove,
  type CampaignStatus,
  OPEN_CAMPAIGN_STATUSES,
} from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { isDuplicateKey } from '../duplicate-key.ts'
import { earlierThan } from '../earlier-than.ts'
import { leaseOf } from '../lease.ts'
import type { Campaign, CampaignDocument, CampaignPart } from './campaign-document.ts'

export type NewCampaign = Pick<Campaign, 'id' | 'user' | 'name' | 'settings' | 'bodyHash'>

export type CampaignOf = Readonly<{ id: string; user: string }>

/** `refused`: it is in a status from which it does not go there. Undefined: there is no such campaign. */
export type MovedCampaign = Readonly<{ kind: 'done' | 'refused'; campaign: Campaign }> | undefined

type CampaignPlace = Readonly<{ at: number; id: string }>

const DAY_MS = 86_400_000
const ASKED = { maxTimeMS: 5000 }

export type Campaigns = ReturnType<typeof createCampaigns>

/** Collection `campaigns`. A campaign goes along `CAMPAIGN_ARROWS`, by compare-and-set. */
export function createCampaigns(db: mongo.Db, { retentionDays }: Readonly<{ retentionDays: number }>) {
  const campaigns = db.collection<CampaignDocument>('campaigns')

  async function move(
    { id, user }: CampaignOf,
    by: CampaignMove,
    { where = {}, set = {} }: Readonly<{ where?: mongo.Filter<CampaignDocument>; set?: mongo.Document }> = {},
  ): Promise<MovedCampaign> {
    const { from, to } = CAMPAIGN_ARROWS[by]
    const done = await campaigns.findOneAndUpdate(
      { ...where, _id: id, user, status: { $in: [...from] } },
      [{ $set: { ...set, status: to, ...(isOver(to) && over(retentionDays)) } }],
      { returnDocument: 'after', ...ASKED },
    )
    if (done !== null) return { kind: 'done', campaign: campaignOf(done) }
    const found = await campaigns.findOne({ _id: id, user }, ASKED)
    return found === null ? undefined : { kind: 'refused', campaign: campaignOf(found) }
  }

  return {
    /** Or the one that is there under this id already, whatever it says. */
    create: async (wanted: NewCampaign): Promise<Readonly<{ campaign: Campaign; isNew: boolean }>> => {
      const { id: _id, ...rest } = wanted
      const doc: CampaignDocument = { _id, ...rest, status: 'draft', parts: [], createdAt: new Date() }
      try {
        await campaigns.insertOne(doc)
        return { campaign: campaignOf(doc), isNew: true }
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        const found = await campaigns.findOne({ _id, user: wanted.user }, ASKED)
        if (found === null) throw error
        return { campaign: campaignOf(found), isNew: false }
      }
    },
    find: async ({ id, user }: CampaignOf): Promise<Campaign | undefined> => {
      const found = await campaigns.findOne({ _id: id, user }, ASKED)
      return found === null ? undefined : campaignOf(found)
    },
    countOpenOf: (user: string): Promise<number> =>
      campaigns.countDocuments({ user, status: { $in: [...OPEN_CAMPAIGN_STATUSES] } }, ASKED),
    /** Newest first. */
    list: async (
      user: string,
      { after, limit }: Readonly<{ after?: CampaignPlace | undefined; limit: number }>,
    ): Promise<Readonly<{ data: Campaign[]; next: CampaignPlace | undefined }>> => {
      const found = await campaigns
        .find({ user, ...(after && earlierThan('createdAt', after)) }, ASKED)
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(campaignOf)
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { at: last.createdAt.getTime(), id: last.id } }
    },

    /** The rows of an earlier upload are given up with that. */
    beginUpload: (which: CampaignOf, upload: string): Promise<MovedCampaign> =>
      move(which, 'upload', {
        set: {
          ...WITHOUT_ROWS,
          upload: { $literal: { id: upload, total: 0, faulty: 0, startedAt: new Date() } },
          parts: [],
          seenAt: '$$NOW',
        },
      }),
    /** A sign of life, and how far it is. False when the upload is another's by now, or cancelled: its rows are to go. */
    noteUpload: async (
      { id, user, upload }: CampaignOf & Readonly<{ upload: string }>,
      { total, faulty }: Readonly<{ total: number; faulty: number }>,
    ): Promise<boolean> => {
      const result = await campaigns.updateOne(
        { _id: id, user, status: 'uploading', 'upload.id': upload },
        { $set: { seenAt: new Date(), 'upload.total': total, 'upload.faulty': faulty } },
      )
      return result.matchedCount === 1
    },
    /** `parts`: none when nothing in it can be sent; then the campaign is a draft again. */
    endUpload: (
      { upload, ...which }: CampaignOf & Readonly<{ upload: string }>,
      { total, faulty, parts }: Readonly<{ total: number; faulty: number; parts: readonly CampaignPart[] }>,
    ): Promise<MovedCampaign> =>
      move(which, parts.length > 0 ? 'uploaded' : 'cut', {
        where: { 'upload.id': upload },
        set: { parts: { $literal: [...parts] }, upload: { total, faulty, endedAt: '$$NOW' }, seenAt: '$$REMOVE' },
      }),
    /** Its rows are to go. */
    cutUpload: async ({ upload, ...which }: CampaignOf & Readonly<{ upload: string }>): Promise<void> => {
      await move(which, 'cut', {
        where: { 'upload.id': upload },
        set: { ...WITHOUT_ROWS, upload: '$$REMOVE', seenAt: '$$REMOVE' },
      })
    },
    /** Whose process died, or hangs. */
    uploadsUnseenSince: async (since: Date): Promise<(CampaignOf & Readonly<{ upload: string }>)[]> => {
      const found = await campaigns
        .find({ seenAt: { $lt: since } }, { projection: { user: 1, upload: 1 }, ...ASKED })
        .limit(100)
        .toArray()
      return found.flatMap(({ _id: id, user, upload }) => (upload ? [{ id, user, upload: upload.id }] : []))
    },
    /** Uploads whose rows are to be removed, and by which campaign that is noted. */
    garbage: async (): Promise<Readonly<{ campaign: string; uploads: readonly string[] }>[]> => {
      const found = await campaigns
        .find({ garbage: { $exists: true } }, { projection: { garbage: 1 }, ...ASKED })
        .limit(100)
        .toArray()
      return found.map(({ _id, garbage = [] }) => ({ campaign: _id, uploads: garbage }))
    },
    garbageRemoved: async (campaign: string, upload: string): Promise<void> => {
      await campaigns.updateOne({ _id: campaign }, { $pull: { garbage: upload } })
      await campaigns.updateOne({ _id: campaign, garbage: { $size: 0 } }, { $unset: { garbage: 1 } })
    },

    start: (which: CampaignOf): Promise<MovedCampaign> =>
      move(which, 'start', { set: { startedAt: '$$NOW', dueAt: '$$NOW' } }),
    pause: (which: CampaignOf): Promise<MovedCampaign> =>
      move(which, 'pause', { set: { pausedAt: '$$NOW', dueAt: '$$NOW' } }),
    /** After a long pause the ledger may have forgotten the last messages that it is asked for. */
    resume: (which: CampaignOf): Promise<MovedCampaign> => {
      const isLong = { $lt: ['$pausedAt', { $subtract: ['$$NOW', DAY_MS] }] }
      const withoutTails = { $map: { input: '$parts', in: { $mergeObjects: ['$$this', { tail: [] }] } } }
      return move(which, 'resume', {
        set: { parts: { $cond: [isLong, withoutTails, '$parts'] }, pausedAt: '$$REMOVE', dueAt: '$$NOW' },
      })
    },
    fail: (which: CampaignOf, reason: NonNullable<Campaign['reason']>): Promise<MovedCampaign> =>
      move(which, 'fail', { set: { ...WITHOUT_ROWS, reason: { $literal: reason }, pausedAt: '$$REMOVE' } }),
    end: (which: CampaignOf): Promise<MovedCampaign> => move(which, 'end', { set: WITHOUT_ROWS }),

    /** The one that has waited longest to be looked at, unless somebody else holds it. `lease` must be fresh. */
    claimDue: async (lease: string, ms: number): Promise<Campaign | undefined> => {
      const isDue = { $lte: ['$dueAt', '$$NOW'] }
      const isFree = { $lt: [{ $ifNull: ['$lease.until', new Date(0)] }, '$$NOW'] }
      const found = await campaigns.findOneAndUpdate(
        { dueAt: { $exists: true }, $expr: { $and: [isDue, isFree] } },
        [{ $set: { lease: leaseOf(lease, ms) } }],
        { sort: { dueAt: 1 }, returnDocument: 'after', ...ASKED },
      )
      return found === null ? undefined : campaignOf(found)
    },
    /** Keeps the lease, too. The status that it has by now; undefined when it is another's. */
    saveParts: async (
      { id, lease }: Readonly<{ id: string; lease: string }>,
      parts: readonly CampaignPart[],
      ms: number,
    ): Promise<CampaignStatus | undefined> => {
      const saved = await campaigns.findOneAndUpdate(
        { _id: id, 'lease.by': lease },
        [{ $set: { parts: { $literal: [...parts] }, lease: leaseOf(lease, ms) } }],
        { projection: { status: 1 }, returnDocument: 'after' },
      )
      return saved?.status
    },
    /**
     * @param seen its status when it was claimed: what was said to it meanwhile is still to be looked at
     * @param nextMs when it is to be looked at again; undefined: there is nothing more to do
     */
    release: async (
      { id, lease, seen }: Readonly<{ id: string; lease: string; seen: CampaignStatus }>,
      nextMs: number | undefined,
    ): Promise<void> => {
      const isFinal = { $in: ['$status', ['done', 'failed', ...(seen === 'running' ? [] : [seen])]] }
      const next = nextMs === undefined ? '$$NOW' : { $add: ['$$NOW', nextMs] }
      const dueAt = nextMs === undefined ? { $cond: [isFinal, '$$REMOVE', next] } : next
      await campaigns.updateOne({ _id: id, 'lease.by': lease }, [{ $set: { dueAt, lease: '$$REMOVE' } }])
    },

    /** What has not been fed is given up with that. */
    cancel: (which: CampaignOf): Promise<MovedCampaign> =>
      move(which, 'cancel', {
        set: {
          ...WITHOUT_ROWS,
          seenAt: '$$REMOVE',
          pausedAt: '$$REMOVE',
          // Its messages are still to be taken back.
          dueAt: { $cond: ['$startedAt', '$$NOW', '$$REMOVE'] },
        },
      }),
    /** The next, by id, that has rows which have not become messages: of a user, or without `user` of everybody. */
    nextWithRows: async (
      after: string,
      user: string | undefined,
    ): Promise<Readonly<{ id: string; upload: string }> | undefined> => {
      const found = await campaigns.findOne(
        {
          _id: { $gt: after },
          ...(user !== undefined && { user }),
          status: { $in: [...OPEN_CAMPAIGN_STATUSES] },
          upload: { $exists: true },
        },
        { sort: { _id: 1 }, projection: { upload: 1 }, ...ASKED },
      )
      return found?.upload && { id: found._id, upload: found.upload.id }
    },
    noteErased: async ({ id, upload }: Readonly<{ id: string; upload: string }>, erased: number): Promise<void> => {
      await campaigns.updateOne({ _id: id, 'upload.id': upload }, { $inc: { 'upload.erased': erased } })
    },
    /** Nobody has touched them since: their rows hold numbers. */
    abandoned: async (since: Date): Promise<CampaignOf[]> => {
      const found = await campaigns
        .find({ status: { $in: ['draft', 'ready'] }, createdAt: { $lt: since } }, { projection: { user: 1 }, ...ASKED })
        .limit(100)
        .toArray()
      return found.map(({ _id: id, user }) => ({ id, user }))
    },
  }
}

function isOver(status: CampaignStatus): boolean {
  return !OPEN_CAMPAIGN_STATUSES.some((open) => open === status)
}

function over(retentionDays: number) {
  return { endedAt: '$$NOW', expireAt: { $add: ['$$NOW', retentionDays * DAY_MS] } }
}

/** For `$set`: whoever cleans up removes the rows of the upload there was. */
const WITHOUT_ROWS = {
  garbage: {
    $cond: ['$upload', { $setUnion: [{ $ifNull: ['$garbage', []] }, ['$upload.id']] }, '$garbage'],
  },
}

function campaignOf(doc: CampaignDocument): Campaign {
  const { _id: id, seenAt, garbage, dueAt, lease, expireAt, ...shown } = doc
  return { id, ...shown }
}
