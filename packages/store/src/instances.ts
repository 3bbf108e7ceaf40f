import { randomUUID } from 'node:crypto'
import {
  Channel,
  type CheckNumber,
  type InstanceState,
  ManagedBy,
  type Pace,
  type RetryPolicy,
} from '@whatsapp-sender/contract'
import { type Connection, type mongo, Schema, trusted, type UpdateQuery } from 'mongoose'
import { isDuplicateKey } from './duplicate-key.ts'
import type { EventDraft } from './events/event-document.ts'
import { VISIBILITY_LAG_MS } from './follow-changes.ts'
import {
  copyInstanceOutboxes,
  INSTANCE_OUTBOX_INDEX,
  type InstanceOutbox,
  seenIn,
  WRITTEN,
  withoutLogin,
} from './instance-outbox.ts'
import { type InstanceShare, sendersOf, shareUpdate } from './instance-shares.ts'
import { type Sealing, SealingError } from './sealing.ts'

/** One creation of an Evolution instance: deleting and creating the same name again gives another `id`. */
export type Instance = Readonly<{
  /** UUID. */
  id: string
  name: string
  /** Id of the user it belongs to. */
  owner: string
  ownerActive: boolean
  /** Others who may use it; `accessOf` tells what they may. */
  shares?: readonly InstanceShare[]
  /** As its owner said. */
  number?: string
  /** Of the phone that it is connected with, as Evolution told; gone when it is not. */
  connectedNumber?: string
  channel: Channel
  /** Absent: the one of the environment. It stays as it was created. */
  evolutionServer?: string
  /** Empty in lists when it cannot be opened: `configurationError` is then `TOKEN_UNREADABLE`. */
  evolutionToken: string
  webhookSecretHash: string
  pace?: Pace
  retry?: RetryPolicy
  /** Absent: `never`. */
  checkNumber?: CheckNumber
  /** Who alone changes its settings and its owner, and deletes it; absent: its owner does. */
  managedBy?: ManagedBy
  paused: boolean
  state: InstanceState
  /** When somebody last asked that the live state be looked at. */
  checkAt?: Date
  /** Since when it has had no login: it is connected again only when somebody pairs a phone with it. */
  qrNeededAt?: Date
  /** What is wrong with our settings for it, for people. */
  configurationError?: string
  createdAt: Date
  updatedAt: Date
  deletedAt?: Date
  /** Rises with each write. */
  revision: number
}>

/** The token was sealed with a key that this process does not have, or was changed. */
export const TOKEN_UNREADABLE = 'token-unreadable'

export type NewInstance = Readonly<
  Pick<
    Instance,
    | 'name'
    | 'owner'
    | 'number'
    | 'evolutionServer'
    | 'evolutionToken'
    | 'webhookSecretHash'
    | 'pace'
    | 'retry'
    | 'checkNumber'
    | 'managedBy'
    | 'state'
  > & {
    /** A UUID that was chosen before, because the webhook's secret names it. */
    id?: string
    /** Default `baileys`. */
    channel?: Channel
  }
>

/** What its owner may change at any time. */
export type InstanceSettings = Readonly<{
  number?: string | undefined
  pace?: Pace | undefined
  retry?: RetryPolicy | undefined
  checkNumber?: CheckNumber
  paused?: boolean
}>

type InstanceDocument = Omit<Instance, 'id' | 'evolutionToken' | 'channel'> &
  InstanceOutbox & {
    _id: string
    /** Missing in documents from before there was a choice. */
    channel?: Channel
    sealedEvolutionToken: string
    /** Absent once deleted: a partial index cannot ask for a missing field. */
    live?: true
  }

const instanceSchema = new Schema<InstanceDocument>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    owner: { type: String, required: true },
    ownerActive: { type: Boolean, required: true },
    shares: { type: [Schema.Types.Mixed], default: undefined },
    number: String,
    connectedNumber: String,
    channel: { type: String, enum: Channel.options },
    evolutionServer: String,
    sealedEvolutionToken: { type: String, required: true },
    webhookSecretHash: { type: String, required: true },
    // What they hold is checked where they come in, by the contract's own schemas.
    pace: Schema.Types.Mixed,
    retry: Schema.Types.Mixed,
    checkNumber: { type: String, enum: ['never', 'first', 'always'] },
    managedBy: { type: String, enum: ManagedBy.options },
    paused: { type: Boolean, required: true },
    state: { type: String, enum: ['open', 'connecting', 'close'], required: true },
    checkAt: Date,
    qrNeededAt: Date,
    outbox: { type: [Schema.Types.Mixed], default: undefined },
    eventCount: Number,
    configurationError: String,
    createdAt: Date,
    updatedAt: Date,
    deletedAt: Date,
    revision: Number,
    live: Boolean,
  },
  { versionKey: false },
)
instanceSchema.index({ name: 1 }, { name: 'live_name', unique: true, partialFilterExpression: { live: true } })
instanceSchema.index({ owner: 1, name: 1 }, { name: 'owner' })
instanceSchema.index({ 'shares.user': 1, name: 1 }, { name: 'shared_with', sparse: true })
instanceSchema.index({ managedBy: 1, name: 1 }, { name: 'managed', sparse: true })
instanceSchema.index({ updatedAt: 1 }, { name: 'updated' })
instanceSchema.index({ 'outbox.at': 1 }, INSTANCE_OUTBOX_INDEX)

export type Instances = ReturnType<typeof createInstances>

/** Collection `instances`. Every write sets `updatedAt` by the database's clock, so that changes can be followed. */
export function createInstances(connection: Connection, db: mongo.Db, sealing: Sealing) {
  const model = connection.model<InstanceDocument>('Instance', instanceSchema, 'instances')
  const instanceOf = (doc: InstanceDocument): Instance => readInstance(doc, sealing)
  const listed = (doc: InstanceDocument): Instance => readListed(doc, sealing)
  const update = async (id: string, change: UpdateQuery<InstanceDocument>): Promise<void> => {
    await model.updateOne({ _id: id }, stamped(change))
  }

  return {
    create: async (instance: NewInstance): Promise<Instance | 'name-taken'> => {
      const { id = randomUUID(), evolutionToken, ...rest } = instance
      const sealedEvolutionToken = sealing.seal(evolutionToken, placeOf(id))
      try {
        const created = await model
          .findOneAndUpdate(
            { _id: id },
            {
              $setOnInsert: {
                channel: 'baileys',
                ...rest,
                sealedEvolutionToken,
                ownerActive: true,
                paused: false,
                live: true,
                revision: 1,
              },
              $currentDate: { createdAt: true, updatedAt: true },
            },
            { upsert: true, returnDocument: 'after' },
          )
          .lean()
        return instanceOf(created)
      } catch (error) {
        if (isDuplicateKey(error)) return 'name-taken'
        throw error
      }
    },
    /** The live one of that name. */
    findByName: async (name: string): Promise<Instance | undefined> => {
      const found = await model.findOne({ name, live: true }).lean()
      return found === null ? undefined : instanceOf(found)
    },
    /**
     * Live ones of a user, and those shared with him, by name; of `names` only when they are given. `next` is the `after` of
     * the following page.
     */
    listOf: async (
      user: string,
      {
        after,
        limit,
        names,
      }: Readonly<{
        after?: string | undefined
        limit: number
        names?: readonly string[] | undefined
      }>,
    ): Promise<{ data: Instance[]; next: string | undefined }> => {
      const inOrder = { live: true as const, name: trusted({ $gt: after ?? '', ...(names && { $in: [...names] }) }) }
      const found = await model
        .find({
          $or: [
            { ...inOrder, owner: user },
            { ...inOrder, 'shares.user': user, ownerActive: true },
          ],
        })
        .sort({ name: 1 })
        .limit(limit + 1)
        .lean()
      const data = found.slice(0, limit).map(listed)
      return { data, next: found.length > limit ? data.at(-1)?.name : undefined }
    },
    /** Live ones that `managedBy` keeps, by name. `next` is the `after` of the following page. */
    listManaged: async (
      managedBy: ManagedBy,
      { after = '', limit }: Readonly<{ after?: string | undefined; limit: number }>,
    ): Promise<{ data: Instance[]; next: string | undefined }> => {
      const found = await model
        .find({ managedBy, live: true, name: trusted({ $gt: after }) })
        .sort({ name: 1 })
        .limit(limit + 1)
        .lean()
      const data = found.slice(0, limit).map(listed)
      return { data, next: found.length > limit ? data.at(-1)?.name : undefined }
    },
    /** Live ones that are at this Evolution server. */
    countAt: (evolutionServer: string): Promise<number> => model.countDocuments({ evolutionServer, live: true }),
    /** All who may send through them, by id; of deleted ones too, and none of ids that never were. */
    sendersOf: async (ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> => {
      const found = await model.find({ _id: trusted({ $in: [...ids] }) }, { owner: 1, shares: 1 }).lean()
      return new Map(found.map((doc) => [doc._id, sendersOf(doc)]))
    },
    /** Live ones by their state; `paused` are among those. */
    countLive: async (): Promise<Readonly<Record<InstanceState | 'paused', number>>> => {
      const found = await model.aggregate<{ _id: InstanceState; count: number; paused: number }>([
        { $match: { live: true } },
        { $group: { _id: '$state', count: { $sum: 1 }, paused: { $sum: { $cond: ['$paused', 1, 0] } } } },
      ])
      const of = (state: InstanceState) => found.find(({ _id }) => _id === state)?.count ?? 0
      const paused = found.reduce((total, each) => total + each.paused, 0)
      return { open: of('open'), connecting: of('connecting'), close: of('close'), paused }
    },
    /** Ids, those of deleted ones too. */
    idsOwnedBy: async (owner: string): Promise<string[]> => {
      const found = await model.find({ owner }, { _id: 1 }).lean()
      return found.map(({ _id }) => _id)
    },
    /** The state it was seen in. Its owner is told, once, whoever sees it. */
    setState: async (id: string, state: InstanceState): Promise<void> => {
      const isNew = { state: trusted({ $ne: state }) }
      const filter = state === 'open' ? { $or: [isNew, { qrNeededAt: trusted({ $exists: true }) }] } : isNew
      await model.updateOne({ _id: id, ...filter }, seenIn(state), PIPELINE)
    },
    /** It has no login, as Evolution says: told once until it is connected again. */
    noteQrNeeded: async (id: string): Promise<void> => {
      await model.updateOne({ _id: id, qrNeededAt: trusted({ $exists: false }) }, withoutLogin(), PIPELINE)
    },
    /** As Evolution told while it was connected; what comes later than its end is dropped. */
    setConnectedNumber: async (id: string, connectedNumber: string): Promise<void> => {
      await model.updateOne({ _id: id, state: 'open' }, stamped({ $set: { connectedNumber } }))
    },
    /** Brings what is to be told to the events: {@link copyInstanceOutboxes}. */
    copyOutboxes: (append: (drafts: readonly EventDraft[]) => Promise<number>, limit: number) =>
      copyInstanceOutboxes(db.collection('instances'), append, limit),
    /** Asks the owner to look at the live state. */
    requestCheck: (id: string): Promise<void> => update(id, { $currentDate: { checkAt: true } }),
    setConfigurationError: (id: string, text: string | undefined): Promise<void> =>
      update(id, text === undefined ? { $unset: { configurationError: 1 } } : { $set: { configurationError: text } }),
    /** `undefined` goes back to the default of the installation; what is not named stays. */
    configure: (id: string, settings: InstanceSettings): Promise<void> => update(id, settingsUpdate(settings)),
    /** `undefined`: its owner decides again. */
    setManager: (id: string, managedBy: ManagedBy | undefined): Promise<void> =>
      update(id, managedBy === undefined ? { $unset: { managedBy: 1 } } : { $set: { managedBy } }),
    /** The key that Evolution knows it by. Whether it takes it is looked at soon. */
    setEvolutionToken: (id: string, token: string): Promise<void> =>
      update(id, {
        $set: { sealedEvolutionToken: sealing.seal(token, placeOf(id)) },
        $currentDate: { checkAt: true },
      }),
    /** Another hash of the same secret, unless it was exchanged meanwhile. */
    keepWebhookSecretHash: async (id: string, o: Readonly<{ hash: string; instead: string }>): Promise<void> => {
      const change = stamped({ $set: { webhookSecretHash: o.hash } })
      await model.updateOne({ _id: id, webhookSecretHash: o.instead }, change)
    },
    /** The row stays as long as messages may refer to it; its name is free at once. */
    markDeleted: (id: string): Promise<void> => update(id, { $unset: { live: 1 }, $currentDate: { deletedAt: true } }),
    /**
     * `owner` is an active account. What waits of the one before, and of those he had let use it, is not to be sent any
     * more.
     */
    setOwner: (id: string, owner: string): Promise<void> =>
      update(id, { $set: { owner, ownerActive: true }, $unset: { shares: 1 } }),
    /** `user` is an active account. What he had before is replaced. */
    share: async (id: string, share: Pick<InstanceShare, 'user' | 'access'>): Promise<'shared' | 'too-many'> => {
      const { filter, stage } = shareUpdate(id, share)
      const { matchedCount } = await model.updateOne(filter, [stage, { $set: WRITTEN }], PIPELINE)
      return matchedCount === 1 ? 'shared' : 'too-many'
    },
    /** False when it was not shared with him. */
    unshare: async (id: string, user: string): Promise<boolean> => {
      const change = stamped({ $pull: { shares: { user } } })
      return (await model.updateOne({ _id: id, 'shares.user': user }, change)).matchedCount === 1
    },
    /** Whether his account is approved: as owner, and where others let him in. */
    setUserActive: async (user: string, active: boolean): Promise<void> => {
      await model.updateMany({ owner: user }, stamped({ $set: { ownerActive: active } }))
      const change = stamped({ $set: { 'shares.$[his].active': active } })
      await model.updateMany({ 'shares.user': user }, change, { arrayFilters: [{ 'his.user': user }] })
    },
    /**
     * What changed up to `VISIBILITY_LAG_MS` before `since` or later, deleted ones included; everything without `since`.
     * What `isKnown` says of is left out, and its token stays sealed: after a change of thousands each read meets them all.
     */
    changedSince: async (
      since: Date | undefined,
      isKnown: (id: string, revision: number) => boolean = () => false,
    ): Promise<Instance[]> => {
      const from = since && new Date(since.getTime() - VISIBILITY_LAG_MS)
      const found = await model
        .find(from === undefined ? {} : { updatedAt: trusted({ $gte: from }) })
        .readConcern('majority')
        .lean()
      return found.filter(({ _id, revision }) => !isKnown(_id, revision)).map(listed)
    },
    createIndexes: () => model.createIndexes(),
  }
}

const PIPELINE = { updatePipeline: true, timestamps: false } as const

function stamped(change: UpdateQuery<InstanceDocument>): UpdateQuery<InstanceDocument> {
  return { ...change, $inc: { revision: 1 }, $currentDate: { ...change.$currentDate, updatedAt: true } }
}

function settingsUpdate(settings: InstanceSettings): UpdateQuery<InstanceDocument> {
  const set = Object.entries(settings).filter(([, value]) => value !== undefined)
  const unset = Object.entries(settings).filter(([, value]) => value === undefined)
  return {
    ...(set.length > 0 && { $set: Object.fromEntries(set) }),
    ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map(([name]) => [name, 1])) }),
  }
}

function readInstance(doc: InstanceDocument, sealing: Sealing): Instance {
  return { ...shownOf(doc), evolutionToken: sealing.open(doc.sealedEvolutionToken, placeOf(doc._id)) }
}

function shownOf({ _id, sealedEvolutionToken, live, channel = 'baileys', ...others }: InstanceDocument) {
  const { outbox: _outbox, eventCount: _count, ...rest } = others
  return { ...rest, id: _id, channel }
}

/** Among others, one that cannot be opened must not hide the rest. */
function readListed(doc: InstanceDocument, sealing: Sealing): Instance {
  try {
    return readInstance(doc, sealing)
  } catch (error) {
    if (!(error instanceof SealingError)) throw error
    return { ...shownOf(doc), evolutionToken: '', configurationError: TOKEN_UNREADABLE }
  }
}

function placeOf(id: string) {
  return { collection: 'instances', id, field: 'evolutionToken' }
}
