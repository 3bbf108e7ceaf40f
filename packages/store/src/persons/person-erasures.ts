/**
 * Collection `person_erasures`: orders to erase what is kept of a person, and how far each has come.
 *
 * - `rows`: campaign by campaign, rows that have not become messages yet are removed
 * - `closing`: user by user, what waits is cancelled and what has ended is closed, so that nothing is told of it any more
 * - `settling`: what was told before is still being made into deliveries for webhooks
 * - `emptying`: user by user, what was closed is emptied, with its events and deliveries; then contacts and, if wanted,
 *   the suppression list. What could not be closed, for it was being sent, takes another round from `closing` on
 * - `done`: the number is forgotten here too
 *
 * Every step may be done twice, so whoever goes on after a crash begins with the user who was under way.
 */
import { randomUUID } from 'node:crypto'
import { isRecipient, type Recipient } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { isDuplicateKey } from '../duplicate-key.ts'
import { KEPT_DAYS } from '../kept-days.ts'
import { leaseOf, NOT_HELD } from '../lease.ts'
import type { Sealing } from '../sealing.ts'
import { formOf } from '../suppressions.ts'

export type ErasureStage = 'rows' | 'closing' | 'settling' | 'emptying' | 'done'

/** `rows`: of campaigns. */
export type ErasureCounts = Readonly<{
  rows: number
  cancelled: number
  messages: number
  contacts: number
  suppressions: number
}>

export type PersonErasure = Readonly<{
  /** UUID. */
  id: string
  /** Id of the user who ordered it. */
  by: string
  /** Whose records; undefined: everybody's. */
  user?: string
  /** A hash that stands for the number. */
  person: string
  withSuppressions: boolean
  stage: ErasureStage
  /** The user, or the campaign, that was done last in this stage; '' at its beginning. */
  place: string
  /** Messages that could not be closed in this round. */
  left: number
  /** Until then a campaign may have made messages of rows that were there when it was ordered. */
  fedUntil?: Date
  /** The end of the events when all was closed. */
  head?: number
  counts: ErasureCounts
  createdAt: Date
  doneAt?: Date
}>

/** One that this process may work at now. */
export type HeldErasure = PersonErasure & Readonly<{ number: Recipient }>

export type ErasureChange = Partial<Pick<PersonErasure, 'stage' | 'place' | 'left' | 'fedUntil' | 'head' | 'counts'>>

type ErasureDocument = Omit<PersonErasure, 'id'> & {
  _id: string
  /** Until it is done. */
  sealedNumber?: string
  lease?: { by: string; until: Date }
  heldAt?: Date
  /** Until it is done: one order at a time for the same records. */
  running?: string
  expireAt?: Date
}

const DAY_MS = 86_400_000
const LEASE_MS = 60_000

export const PERSON_ERASURE_INDEXES: readonly mongo.IndexDescription[] = [
  {
    name: 'running',
    key: { running: 1 },
    unique: true,
    partialFilterExpression: { running: { $exists: true } },
  },
  { name: 'retention', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export type PersonErasures = ReturnType<typeof createPersonErasures>

export function createPersonErasures(db: mongo.Db, sealing: Sealing) {
  const erasures = db.collection<ErasureDocument>('person_erasures')
  const hold = async (by: string): Promise<ErasureDocument | null> => {
    return await erasures.findOneAndUpdate(
      { running: { $exists: true }, ...NOT_HELD },
      [{ $set: { lease: leaseOf(by, LEASE_MS), heldAt: '$$NOW' } }],
      {
        // One that waits must not keep the others from their turn.
        sort: { heldAt: 1 },
        returnDocument: 'after',
      },
    )
  }
  return {
    /** The order, or the one for the same records that is under way. `person` stands for the number in it. */
    order: async (o: {
      by: string
      user: string | undefined
      number: Recipient
      person: string
      withSuppressions: boolean
    }): Promise<PersonErasure> => {
      const id = randomUUID()
      const running = `${o.user ?? '*'} ${o.person} ${o.withSuppressions}`
      const place = () =>
        erasures.findOneAndUpdate(
          { running },
          {
            $setOnInsert: {
              _id: id,
              by: o.by,
              ...(o.user !== undefined && { user: o.user }),
              person: o.person,
              withSuppressions: o.withSuppressions,
              stage: 'rows',
              place: '',
              left: 0,
              counts: { rows: 0, cancelled: 0, messages: 0, contacts: 0, suppressions: 0 },
              sealedNumber: sealing.seal(o.number, placeOf(id)),
              createdAt: new Date(),
            },
          },
          { upsert: true, returnDocument: 'after' },
        )
      // Of two at once, one finds what the other has made.
      const made = await place().catch((error: unknown) => {
        if (isDuplicateKey(error)) return place()
        throw error
      })
      if (made === null) throw new Error('the order was not written')
      return erasureOf(made)
    },
    /** With `user`, only one of his own records. */
    find: async (id: string, user: string | undefined): Promise<PersonErasure | undefined> => {
      const found = await erasures.findOne({ _id: id, ...(user !== undefined && { user }) }, { maxTimeMS: 5000 })
      return found === null ? undefined : erasureOf(found)
    },
    /** One that nobody works at; `holder` may for a minute from each note on. */
    hold: async (holder: string): Promise<HeldErasure | undefined> => {
      const found = await hold(holder)
      if (found === null) return undefined
      const number = sealing.open(found.sealedNumber ?? '', placeOf(found._id))
      if (!isRecipient(number)) throw new Error('the sealed recipient is none')
      return { ...erasureOf(found), number }
    },
    /** False when somebody else holds it by now: then leave it alone. */
    note: async (id: string, holder: string, change: ErasureChange): Promise<boolean> => {
      const done = change.stage === 'done'
      const { matchedCount } = await erasures.updateOne({ _id: id, 'lease.by': holder }, [
        { $set: { ...literals(change), lease: done ? '$$REMOVE' : leaseOf(holder, LEASE_MS) } },
        ...(done ? [{ $set: { doneAt: '$$NOW', expireAt: { $add: ['$$NOW', KEPT_DAYS.erasures * DAY_MS] } } }] : []),
        ...(done ? [{ $unset: ['sealedNumber', 'running', 'head', 'fedUntil'] }] : []),
      ])
      return matchedCount === 1
    },
    /** Anybody may go on with it. */
    release: async (id: string, holder: string): Promise<void> => {
      await erasures.updateOne({ _id: id, 'lease.by': holder }, { $unset: { lease: 1 } })
    },
  }
}

/** Of the number in whatever form it is written; what a hash is made of, so that one person has one. */
export function personForm(number: Recipient): string {
  return formOf(number)
}

function literals(change: ErasureChange): Record<string, unknown> {
  return Object.fromEntries(Object.entries(change).map(([name, value]) => [name, { $literal: value }]))
}

function erasureOf(doc: ErasureDocument): PersonErasure {
  const {
    _id,
    sealedNumber: _number,
    lease: _lease,
    heldAt: _held,
    running: _running,
    expireAt: _expiry,
    ...shown
  } = doc
  return { ...shown, id: _id }
}

function placeOf(id: string) {
  return { collection: 'person_erasures', id, field: 'number' }
}
