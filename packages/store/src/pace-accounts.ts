import { randomUUID } from 'node:crypto'
import type { PaceFacts } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { ignoreDuplicateKeys } from './duplicate-key.ts'

type PaceDocument = {
  _id: string
  day?: string
  reserved?: number
  newReserved?: number
  /** What the last reservation got. */
  granted?: number
  notBefore?: Date
  slowTo?: number
  newNotBefore?: Date
  warmUpFrom?: string
  /** Who took the account last. */
  holder?: string
  /** Its last send, written by an owner that handed over; who takes the account moves it to `startFrom`. */
  lastAt?: Date
  startFrom?: Date
}

export type PaceAccount = PaceFacts &
  Readonly<{
    /** Sends per minute to begin with after `notBefore`. */
    slowTo?: number | undefined
    /** Until when the owner before this one sent, if it handed over; undefined: unknown, it may have sent until now. */
    startFrom?: number | undefined
  }>

/** What of the pace is counted by the day: all sends, or those to recipients never written to before. */
export type CountedSends = 'all' | 'new'

export type Reservation = Readonly<{ granted: number; account: PaceAccount }>

/** What is left of an account that is handed over. */
export type PaceRest = Readonly<{
  instanceId: string
  /** As `take` gave it; without it nobody is told of `lastAt`. */
  token?: string | undefined
  lastAt?: number | undefined
  /** Granted for `day` and not used. */
  day: string
  unused: number
  newUnused: number
}>

/**
 * Collection `pace`: one document per instance id for what of its pace has to outlive its owner. Grants are made by
 * the server, so owners that believe in the same instance at once never get more than the cap together.
 */
export type PaceAccounts = ReturnType<typeof createPaceAccounts>

export function createPaceAccounts(db: mongo.Db) {
  const accounts = db.collection<PaceDocument>('pace')

  const find = async (ids: readonly string[]): Promise<Map<string, PaceDocument>> => {
    const found = await accounts.find({ _id: { $in: [...ids] } }, { readConcern: 'majority' }).toArray()
    return new Map(found.map((doc) => [doc._id, doc]))
  }

  return {
    find: async (ids: readonly string[]): Promise<ReadonlyMap<string, PaceAccount>> => {
      if (ids.length === 0) return new Map()
      return new Map([...(await find(ids))].map(([id, doc]) => [id, accountOf(doc)]))
    },
    /** Becomes the holder of these accounts, made if need be: only one taker ever learns of what was handed over. */
    take: async (
      ids: readonly string[],
    ): Promise<Readonly<{ token: string; accounts: ReadonlyMap<string, PaceAccount> }>> => {
      const token = randomUUID()
      if (ids.length === 0) return { token, accounts: new Map() }
      await accounts.updateMany({ _id: { $in: [...ids] } }, takenBy(token))
      const found = await find(ids)
      const missing = ids.filter((id) => !found.has(id)).map((_id) => ({ _id, holder: token }))
      if (missing.length > 0) await accounts.insertMany(missing, { ordered: false }).catch(ignoreDuplicateKeys)
      const taken = [...found].map(([id, doc]) => [id, accountOf(doc, doc.holder === token)] as const)
      return { token, accounts: new Map(taken) }
    },
    /** Grants up to `want` more sends of a day whose cap is `cap`. A day that is over gets none. */
    reserve: async (
      instanceId: string,
      kind: CountedSends,
      { day, want, cap, warmsUp }: Readonly<{ day: string; want: number; cap: number; warmsUp: boolean }>,
    ): Promise<Reservation> => {
      const field = kind === 'all' ? 'reserved' : 'newReserved'
      const open = { $max: [0, { $min: [want, { $subtract: [cap, `$${field}`] }] }] }
      const doc = await accounts.findOneAndUpdate(
        { _id: instanceId },
        [
          {
            $set: {
              reserved: countOf('$reserved', day),
              newReserved: countOf('$newReserved', day),
              day: { $max: ['$day', day] },
              ...(warmsUp && { warmUpFrom: { $ifNull: ['$warmUpFrom', day] } }),
            },
          },
          { $set: { granted: { $cond: [{ $eq: ['$day', day] }, open, 0] } } },
          { $set: { [field]: { $add: [`$${field}`, '$granted'] } } },
        ],
        { upsert: true, returnDocument: 'after' },
      )
      if (doc === null) throw new Error('a reservation was not written')
      return { granted: doc.granted ?? 0, account: accountOf(doc) }
    },
    /** Hands accounts over in one write: what was not used is given back, and the next owner goes on from `lastAt`. */
    release: async (rests: readonly PaceRest[]): Promise<void> => {
      const operations = rests.flatMap((rest) => {
        const $set = released(rest)
        if (Object.keys($set).length === 0) return []
        return [{ updateOne: { filter: { _id: rest.instanceId }, update: [{ $set }] } }]
      })
      if (operations.length > 0) await accounts.bulkWrite(operations, { ordered: false })
    },
    /** Nothing is to leave before `until`, and at most `slowTo` a minute right after; an earlier time changes nothing. */
    silence: async (instanceId: string, until: number, slowTo: number): Promise<void> => {
      const notBefore = new Date(until)
      const isLater = { $gt: [notBefore, { $ifNull: ['$notBefore', EPOCH] }] }
      await accounts.updateOne(
        { _id: instanceId },
        [
          {
            $set: {
              notBefore: { $max: ['$notBefore', notBefore] },
              slowTo: { $cond: [isLater, slowTo, '$slowTo'] },
            },
          },
        ],
        { upsert: true },
      )
    },
    /** WhatsApp refused a new recipient: no other one before `until`. */
    pauseNewContacts: async (instanceId: string, until: number): Promise<void> => {
      await accounts.updateOne({ _id: instanceId }, { $max: { newNotBefore: new Date(until) } }, { upsert: true })
    },
  }
}

const EPOCH = new Date(0)

/** Repeated under the same token it changes nothing. */
function takenBy(token: string) {
  const isMine = { $eq: ['$holder', token] }
  return [
    {
      $set: {
        holder: token,
        startFrom: { $cond: [isMine, { $ifNull: ['$startFrom', '$$REMOVE'] }, { $ifNull: ['$lastAt', '$$REMOVE'] }] },
        lastAt: '$$REMOVE',
      },
    },
  ]
}

/** The count so far of a day; 0 if the account stands at an earlier one. */
function countOf(field: string, day: string) {
  return { $cond: [{ $lt: ['$day', day] }, 0, { $ifNull: [field, 0] }] }
}

function released({ token, lastAt, day, unused, newUnused }: PaceRest): Record<string, unknown> {
  const isSameDay = { $eq: ['$day', day] }
  const less = (field: string, count: number) => ({
    $cond: [isSameDay, { $max: [0, { $subtract: [{ $ifNull: [field, 0] }, count] }] }, { $ifNull: [field, 0] }],
  })
  return {
    ...(unused > 0 && { reserved: less('$reserved', unused) }),
    ...(newUnused > 0 && { newReserved: less('$newReserved', newUnused) }),
    ...(token !== undefined &&
      lastAt !== undefined && {
        lastAt: { $cond: [{ $eq: ['$holder', token] }, new Date(lastAt), { $ifNull: ['$lastAt', '$$REMOVE'] }] },
      }),
  }
}

function accountOf(doc: PaceDocument, isHolder = false): PaceAccount {
  return {
    day: doc.day,
    reserved: doc.reserved ?? 0,
    newReserved: doc.newReserved ?? 0,
    notBefore: doc.notBefore?.getTime(),
    slowTo: doc.slowTo,
    newNotBefore: doc.newNotBefore?.getTime(),
    warmUpFrom: doc.warmUpFrom,
    startFrom: isHolder ? doc.startFrom?.getTime() : undefined,
  }
}
