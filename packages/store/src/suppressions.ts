import { digitVariantsOf, isPhoneNumber, type PhoneNumber, type Recipient } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { earlierThan } from './earlier-than.ts'
import { VISIBILITY_LAG_MS } from './follow-changes.ts'
import { nextPrefix } from './next-prefix.ts'

/** Somebody whom a user sends nothing to: a number, or a group or person by the JID. `source`: he put it there, or its holder asked for it in a message. */
export type Suppression = Readonly<{
  number: string
  reason?: string
  source: 'api' | 'inbound'
  at: Date
}>

export type SuppressionPlace = Readonly<{ at: number; id: string }>

/** A recipient's message that asks to be sent nothing more. */
export type OptOut = Readonly<{ instanceId: string; number: PhoneNumber; word: string; at: Date }>

type SuppressionDocument = {
  /** `user/form` */
  _id: string
  user: string
  /** E.164 or a JID, as it was first given. */
  number: string
  reason?: string
  source: Suppression['source']
  at: Date
  /** Unset once it is taken off; then the row stays for a day, so that whoever remembers it hears of it. */
  listed?: 1
  removedAt?: Date
  changedAt: Date
}

const HEARD_OF_WITHIN_SECONDS = 86_400

export const SUPPRESSION_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'newest_first', key: { user: 1, at: -1, _id: -1 }, partialFilterExpression: { listed: 1 } },
  { name: 'changed', key: { changedAt: 1 } },
  { name: 'forgotten', key: { removedAt: 1 }, expireAfterSeconds: HEARD_OF_WITHIN_SECONDS },
]

const WRITE_MAX = 1000
/** Of hundreds of thousands: others have their turn in between. */
const READ_AT_ONCE = 1000
const ASKED = { maxTimeMS: 5000 }

/** Collection `suppressions`: whom each user sends nothing to. All forms of a number are one. */
export type Suppressions = ReturnType<typeof createSuppressions>

export function createSuppressions(
  db: mongo.Db,
  { sendersOf }: Readonly<{ sendersOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> }>,
) {
  const entries = db.collection<SuppressionDocument>('suppressions')
  const write = async (updates: readonly ReturnType<typeof upsert>[]): Promise<void> => {
    for (let from = 0; from < updates.length; from += WRITE_MAX) {
      await entries.bulkWrite(updates.slice(from, from + WRITE_MAX), { ordered: false })
    }
  }
  return {
    /** By hand. Of what is listed already the reason becomes this one, and the time stays. Repeating it is safe. */
    add: (user: string, numbers: readonly Recipient[], reason: string | undefined): Promise<void> =>
      write(numbers.map((number) => upsert(user, number, byHand({ number, user, reason })))),
    /** What its user took off after the recipient's word stays off. Repeating it is safe. */
    optOut: async (optOuts: readonly OptOut[]): Promise<void> => {
      if (optOuts.length === 0) return
      const senders = await sendersOf([...new Set(optOuts.map(({ instanceId }) => instanceId))])
      const updates = optOuts.flatMap((optOut) =>
        (senders.get(optOut.instanceId) ?? []).map((user) => upsert(user, optOut.number, byRecipient(user, optOut))),
      )
      await write(updates)
    },
    /** False when it was not there. */
    remove: async (user: string, number: Recipient): Promise<boolean> => {
      const gone = { listed: '$$REMOVE', reason: '$$REMOVE', removedAt: '$$NOW', changedAt: '$$NOW' }
      const result = await entries.updateOne({ _id: idOf(user, number), listed: 1 }, [{ $set: gone }], ASKED)
      return result.modifiedCount === 1
    },
    /** The next user, by id, who has or had anybody on his list. */
    nextUser: (after: string): Promise<string | undefined> => nextPrefix(entries, after),
    find: async (user: string, number: Recipient): Promise<Suppression | undefined> => {
      const found = await entries.findOne({ _id: idOf(user, number), listed: 1 }, ASKED)
      return found === null ? undefined : suppressionOf(found)
    },
    /** Newest first. What is added or taken off meanwhile does not move a page. */
    list: async (
      user: string,
      { after, limit }: Readonly<{ after?: SuppressionPlace | undefined; limit: number }>,
    ): Promise<Readonly<{ data: Suppression[]; next: SuppressionPlace | undefined }>> => {
      const found = await entries
        .find({ user, listed: 1, ...(after && earlierThan('at', { ...after, id: `${user}/${after.id}` })) }, ASKED)
        .sort({ at: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const last = found.length > limit ? found[limit - 1] : undefined
      return {
        data: found.slice(0, limit).map(suppressionOf),
        next: last && { at: last.at.getTime(), id: last._id.slice(user.length + 1) },
      }
    },
    /** All that changed up to `VISIBILITY_LAG_MS` before `since` or later, one by one; without it all that is listed. */
    eachChangedSince: async (
      since: Date | undefined,
      take: (change: Readonly<{ user: string; form: string; isListed: boolean; changedAt: Date }>) => void,
    ): Promise<void> => {
      const filter: mongo.Filter<SuppressionDocument> =
        since === undefined ? { listed: 1 } : { changedAt: { $gte: new Date(since.getTime() - VISIBILITY_LAG_MS) } }
      const projection = { user: 1, listed: 1, changedAt: 1 } as const
      for await (const doc of entries.find(filter, { projection, readConcern: 'majority', batchSize: READ_AT_ONCE })) {
        const { _id, user, listed, changedAt } = doc
        take({ user, form: _id.slice(user.length + 1), isListed: listed === 1, changedAt })
      }
    },
  }
}

/** Of the forms under which WhatsApp may know a number, the one that stands for all: digits. A JID has one form. */
export function formOf(number: Recipient): string {
  if (!isPhoneNumber(number)) return number
  return digitVariantsOf(number).reduce((a, b) => (b.length < a.length ? b : a))
}

function idOf(user: string, number: Recipient): string {
  return `${user}/${formOf(number)}`
}

function upsert(user: string, number: Recipient, update: mongo.BSON.Document[]) {
  return { updateOne: { filter: { _id: idOf(user, number) }, update, upsert: true } }
}

function byHand(o: Readonly<{ number: Recipient; user: string; reason: string | undefined }>) {
  const isListed = { $eq: ['$listed', 1] }
  return [
    {
      $set: {
        user: o.user,
        number: { $cond: [isListed, '$number', o.number] },
        at: { $cond: [isListed, '$at', '$$NOW'] },
        reason: o.reason === undefined ? '$$REMOVE' : { $literal: o.reason },
        source: 'api',
        listed: 1,
        removedAt: '$$REMOVE',
        changedAt: '$$NOW',
      },
    },
  ]
}

function byRecipient(user: string, { number, word, at }: OptOut) {
  const entry = { user, number, reason: { $literal: word }, source: 'inbound', at, listed: 1, changedAt: '$$NOW' }
  const isOld = { $or: [{ $eq: ['$listed', 1] }, { $gte: ['$removedAt', at] }] }
  return [{ $replaceWith: { $cond: [isOld, '$$ROOT', { _id: '$_id', ...entry }] } }]
}

function suppressionOf({ number, reason, source, at }: SuppressionDocument): Suppression {
  return { number, ...(reason !== undefined && { reason }), source, at }
}
