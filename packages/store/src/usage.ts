import type { mongo } from 'mongoose'
import { KEPT_DAYS } from './kept-days.ts'

/** Messages of a day by what became of them. `failed`: for good, or its attempts are used up. */
export type UsageCounts = Readonly<{ accepted: number; sent: number; failed: number; unknown: number }>

/** What one user did with one instance on one day, by name. `day`: in UTC, as `2027-01-31`. */
export type Usage = Readonly<{ day: string; user: string; instance: string }> & UsageCounts

/** Its place in a list that is newest first. */
export type UsagePlace = Pick<Usage, 'day' | 'user' | 'instance'>

type UsageDocument = Usage & { _id: string; expireAt: Date }

const DAY_MS = 86_400_000

export const USAGE_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'newest_first', key: { day: -1, user: 1, instance: 1 } },
  { name: 'user_newest_first', key: { user: 1, day: -1, instance: 1 } },
  { name: 'retention', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export type UsageBook = ReturnType<typeof createUsageBook>

/** Collection `usage`: how many messages, by day, user and instance. */
export function createUsageBook(db: mongo.Db) {
  const days = db.collection<UsageDocument>('usage')
  return {
    /** On top of what is there. Not to be repeated: it would count twice. */
    add: async (usages: readonly Usage[]): Promise<void> => {
      if (usages.length === 0) return
      const operations = usages.map(({ day, user, instance, accepted, sent, failed, unknown }) => ({
        updateOne: {
          filter: { _id: `${day}/${user}/${instance}` },
          update: {
            $inc: { accepted, sent, failed, unknown },
            $setOnInsert: { day, user, instance, expireAt: new Date(Date.parse(day) + KEPT_DAYS.usage * DAY_MS) },
          },
          upsert: true,
        },
      }))
      await days.bulkWrite(operations, { ordered: false })
    },
    /** Days from `from` until `until`, both included; newest first, then by user and instance. */
    list: async (
      {
        user,
        instance,
        from,
        until,
      }: Readonly<{ user?: string | undefined; instance?: string | undefined; from: string; until: string }>,
      { after, limit }: Readonly<{ after?: UsagePlace | undefined; limit: number }>,
    ): Promise<Readonly<{ data: Usage[]; next: UsagePlace | undefined }>> => {
      const which = { ...(user !== undefined && { user }), ...(instance !== undefined && { instance }) }
      const found = await days
        .find({ ...which, day: { $gte: from, $lte: until }, ...(after && behind(after)) }, { maxTimeMS: 5000 })
        .sort({ day: -1, user: 1, instance: 1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(({ _id, expireAt: _expiry, ...usage }) => usage)
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { day: last.day, user: last.user, instance: last.instance } }
    },
  }
}

function behind({ day, user, instance }: UsagePlace): mongo.Filter<UsageDocument> {
  return {
    $or: [{ day: { $lt: day } }, { day, user: { $gt: user } }, { day, user, instance: { $gt: instance } }],
  }
}
