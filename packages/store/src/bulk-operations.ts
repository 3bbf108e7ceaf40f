/**
 * Collection `bulk_operations`: orders to cancel, replay or discard all messages that match, and how far each has come.
 *
 * It goes on chunk by chunk. A chunk is written down before it is dealt with and stays until its count is noted, and each
 * row keeps by which operation it was dealt with: so whoever goes on after a crash does nothing twice and counts nothing
 * twice.
 */
import { randomUUID } from 'node:crypto'
import { isRecipient } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { isDuplicateKey } from './duplicate-key.ts'
import { earlierThan } from './earlier-than.ts'
import { KEPT_DAYS } from './kept-days.ts'
import { leaseOf, NOT_HELD } from './lease.ts'
import type { DeadLetterFilter } from './ledger/list-dead-letters.ts'
import type { MessageFilter } from './ledger/list-messages.ts'
import type { ListPlace } from './ledger/list-place.ts'
import type { Action } from './ledger/message-row.ts'
import type { Sealing } from './sealing.ts'
import { SealingError } from './sealing.ts'

/** Which messages, and what is to be done with them. `acceptedUntil` of the filter is set by whoever orders it. */
export type BulkOrder =
  | Readonly<{ kind: 'cancel'; filter: MessageFilter }>
  | Readonly<{ kind: 'replay'; filter: DeadLetterFilter; expiresAt?: Date | null | undefined }>
  | Readonly<{ kind: 'discard'; filter: DeadLetterFilter }>

export type BulkOperation = Readonly<{
  /** UUID. */
  id: string
  /** Id of the user who ordered it. */
  by: string
  kind: Extract<Action['action'], BulkOrder['kind']>
  status: 'running' | 'done' | 'failed'
  /** Why it failed. */
  reason?: Readonly<{ code: string; detail: string }>
  /** Messages that were found so far, and those of them that it was done to. */
  counts: Readonly<{ seen: number; done: number }>
  createdAt: Date
  /** When it was done or failed. */
  doneAt?: Date
}>

type BulkChunk = Readonly<{ ids: readonly string[]; next?: ListPlace | undefined }>

/** One that this process may work at now. */
export type HeldBulkOperation = BulkOperation &
  Readonly<{
    /** Undefined: nobody can read it any more, for the key that sealed it is gone. */
    order: BulkOrder | undefined
    /** Where it was ordered from. */
    address: string
    place?: ListPlace | undefined
    /** What it is at. */
    chunk?: BulkChunk | undefined
    /** Steps that failed since the last that did not. */
    failures: number
  }>

/** What is there as undefined is removed. */
export type BulkChange = Readonly<
  Partial<Pick<HeldBulkOperation, 'status' | 'reason' | 'counts' | 'place' | 'chunk' | 'failures'>>
>

type BulkDocument = Omit<BulkOperation, 'id'> &
  Pick<HeldBulkOperation, 'place' | 'chunk' | 'failures'> & {
    _id: string
    /** Until it is over, as all below: without the recipient, which is sealed. */
    order?: BulkOrder
    sealedTo?: string
    address?: string
    lease?: { by: string; until: Date }
    heldAt?: Date
    /** One of the places that each user has for what runs. */
    running?: string
    expireAt?: Date
  }

/** Operations of one user that may run at once. */
export const BULK_OPERATIONS_MAX = 5

const DAY_MS = 86_400_000
const LEASE_MS = 60_000
const ASKED = { maxTimeMS: 5000 }

export const BULK_OPERATION_INDEXES: readonly mongo.IndexDescription[] = [
  {
    name: 'running',
    key: { running: 1 },
    unique: true,
    partialFilterExpression: { running: { $exists: true } },
  },
  { name: 'user_newest', key: { by: 1, createdAt: -1, _id: -1 } },
  { name: 'retention', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export type BulkOperations = ReturnType<typeof createBulkOperations>

export function createBulkOperations(db: mongo.Db, sealing: Sealing) {
  const operations = db.collection<BulkDocument>('bulk_operations')

  /** False: the place is taken. */
  const insert = async (doc: BulkDocument): Promise<boolean> => {
    try {
      await operations.insertOne(doc, { ignoreUndefined: true })
      return true
    } catch (error) {
      if (isDuplicateKey(error)) return false
      throw error
    }
  }
  /** Undefined: the key is gone. */
  const orderOf = ({ _id, order, sealedTo }: BulkDocument): BulkOrder | undefined => {
    if (order === undefined || sealedTo === undefined) return order
    try {
      const to = sealing.open(sealedTo, placeOf(_id))
      if (!isRecipient(to)) throw new Error('the sealed recipient is none')
      return withRecipient(order, to)
    } catch (error) {
      if (error instanceof SealingError) return undefined
      throw error
    }
  }

  return {
    /** `from`: where in the list it begins. `too-many`: so many of the user run already. */
    order: async (o: {
      by: string
      address: string
      order: BulkOrder
      from: ListPlace | undefined
    }): Promise<BulkOperation | 'too-many'> => {
      const id = randomUUID()
      const { to } = o.order.filter
      const doc: BulkDocument = {
        _id: id,
        by: o.by,
        kind: o.order.kind,
        status: 'running',
        counts: { seen: 0, done: 0 },
        failures: 0,
        place: o.from,
        order: withRecipient(o.order, undefined),
        ...(to !== undefined && { sealedTo: sealing.seal(to, placeOf(id)) }),
        address: o.address,
        createdAt: new Date(),
      }
      for (let n = 1; n <= BULK_OPERATIONS_MAX; n++)
        if (await insert({ ...doc, running: `${o.by} ${n}` })) return operationOf(doc)
      return 'too-many'
    },
    find: async ({ id, by }: Readonly<{ id: string; by: string }>): Promise<BulkOperation | undefined> => {
      const found = await operations.findOne({ _id: id, by }, ASKED)
      return found === null ? undefined : operationOf(found)
    },
    /** Newest first. */
    list: async (
      by: string,
      { after, limit }: Readonly<{ after?: ListPlace | undefined; limit: number }>,
    ): Promise<Readonly<{ data: BulkOperation[]; next: ListPlace | undefined }>> => {
      const found = await operations
        .find({ by, ...(after && earlierThan('createdAt', after)) }, ASKED)
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(operationOf)
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { at: last.createdAt.getTime(), id: last.id } }
    },
    /** One that nobody works at; `holder` may for a minute from each note on. */
    hold: async (holder: string): Promise<HeldBulkOperation | undefined> => {
      const found = await operations.findOneAndUpdate(
        { running: { $exists: true }, ...NOT_HELD },
        [{ $set: { lease: leaseOf(holder, LEASE_MS), heldAt: '$$NOW' } }],
        // One that is long must not keep the others from their turn.
        { sort: { heldAt: 1 }, returnDocument: 'after' },
      )
      if (found === null) return undefined
      const { place, chunk, failures, address = '' } = found
      return { ...operationOf(found), order: orderOf(found), place, chunk, failures, address }
    },
    /** False when somebody else holds it by now: then leave it alone. */
    note: async (id: string, holder: string, change: BulkChange): Promise<boolean> => {
      const isOver = change.status !== undefined && change.status !== 'running'
      const { matchedCount } = await operations.updateOne({ _id: id, 'lease.by': holder }, [
        { $set: { ...literals(change), lease: isOver ? '$$REMOVE' : leaseOf(holder, LEASE_MS) } },
        ...(isOver ? OVER : []),
      ])
      return matchedCount === 1
    },
    /** Anybody may go on with it. */
    release: async (id: string, holder: string): Promise<void> => {
      await operations.updateOne({ _id: id, 'lease.by': holder }, { $unset: { lease: 1 } })
    },
  }
}

/** Nothing of whom it was about is kept. */
const OVER = [
  { $set: { doneAt: '$$NOW', expireAt: { $add: ['$$NOW', KEPT_DAYS.operations * DAY_MS] } } },
  { $unset: ['order', 'sealedTo', 'address', 'running', 'place', 'chunk'] },
]

function withRecipient(order: BulkOrder, to: string | undefined): BulkOrder {
  if (order.kind === 'cancel') return { ...order, filter: { ...order.filter, to } }
  return { ...order, filter: { ...order.filter, to } }
}

function literals(change: BulkChange): Record<string, unknown> {
  const given = Object.entries(change)
  return Object.fromEntries(
    given.map(([name, value]) => [name, value === undefined ? '$$REMOVE' : { $literal: value }]),
  )
}

function operationOf({ _id: id, by, kind, status, reason, counts, createdAt, doneAt }: BulkDocument): BulkOperation {
  return { id, by, kind, status, counts, createdAt, ...(reason && { reason }), ...(doneAt && { doneAt }) }
}

function placeOf(id: string) {
  return { collection: 'bulk_operations', id, field: 'to' }
}
