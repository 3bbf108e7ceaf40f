import { randomBytes, randomUUID } from 'node:crypto'
import type { mongo } from 'mongoose'
import { type Sealing, SealingError } from '../sealing.ts'
import type { DisabledReason, EndpointDocument, WebhookEndpoint } from './webhook-document.ts'

export type NewWebhookEndpoint = Pick<WebhookEndpoint, 'user' | 'url' | 'fromSeq'> &
  Readonly<{
    description?: string | undefined
    events?: WebhookEndpoint['events'] | undefined
    instances?: WebhookEndpoint['instances'] | undefined
  }>

/** What is not named stays; `null` goes back to the default. */
export type WebhookChange = Readonly<{
  url?: string | undefined
  description?: string | null | undefined
  events?: WebhookEndpoint['events'] | null | undefined
  instances?: WebhookEndpoint['instances'] | null | undefined
  enabled?: boolean | undefined
}>

/** `secrets`: all that sign now, the newest first, as `whsec_…`; none when they cannot be opened with this key. */
export type ClaimedEndpoint = Readonly<{ endpoint: WebhookEndpoint; secrets: readonly string[]; wake: number }>

type EndpointOf = Readonly<{ id: string; user: string }>
type Holder = Readonly<{ id: string; by: string }>

const SECRET_BYTES = 32
/** More rotations within one overlap than this end the oldest secret early. */
const SECRETS_MAX = 4

export type WebhookEndpoints = ReturnType<typeof createWebhookEndpoints>

/**
 * Collection `webhook_endpoints`. One process at a time posts to an endpoint: it holds a lease, and whoever finds it ended
 * takes over. Every time is the caller's, by the database's clock.
 */
export function createWebhookEndpoints(db: mongo.Db, sealing: Sealing) {
  const endpoints = db.collection<EndpointDocument>('webhook_endpoints')
  const newSecret = (id: string) => {
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
    return { secret, sealed: sealing.seal(secret, placeOf(id)) }
  }
  const claimedOf = (doc: EndpointDocument, now: Date): ClaimedEndpoint => ({
    endpoint: endpointOf(doc),
    secrets: openAll(sealing, doc, now),
    wake: doc.wake,
  })

  return {
    /** The secret is told here and never again. */
    create: async (wanted: NewWebhookEndpoint): Promise<{ endpoint: WebhookEndpoint; secret: string }> => {
      const id = randomUUID()
      const { secret, sealed } = newSecret(id)
      const doc: EndpointDocument = {
        _id: id,
        ...withoutUndefined(wanted),
        enabled: true,
        ownerActive: true,
        failures: 0,
        secrets: [{ sealed }],
        wake: 0,
        createdAt: new Date(),
      }
      await endpoints.insertOne(doc)
      return { endpoint: endpointOf(doc), secret }
    },
    countOf: (user: string): Promise<number> => endpoints.countDocuments({ user }),
    /** The oldest first. */
    listOf: async (user: string): Promise<WebhookEndpoint[]> =>
      (await endpoints.find({ user }).sort({ createdAt: 1 }).toArray()).map(endpointOf),
    find: async ({ id, user }: EndpointOf): Promise<WebhookEndpoint | undefined> => {
      const found = await endpoints.findOne({ _id: id, user })
      return found === null ? undefined : endpointOf(found)
    },
    /** A new address and switching on forget what went wrong, and what waits goes out. */
    change: async (
      { id, user }: EndpointOf,
      change: WebhookChange,
      now: Date,
    ): Promise<WebhookEndpoint | undefined> => {
      const found = await endpoints.findOneAndUpdate({ _id: id, user }, changeOf(change, now), {
        returnDocument: 'after',
      })
      return found === null ? undefined : endpointOf(found)
    },
    remove: async ({ id, user }: EndpointOf): Promise<boolean> =>
      (await endpoints.deleteOne({ _id: id, user })).deletedCount === 1,
    /** A new secret signs from now on, and the former ones beside it until `until`. */
    rotateSecret: async ({ id, user }: EndpointOf, now: Date, until: Date): Promise<string | undefined> => {
      for (;;) {
        const found = await endpoints.findOne({ _id: id, user }, { projection: { secrets: 1 } })
        if (found === null) return undefined
        const { secret, sealed } = newSecret(id)
        const former = found.secrets
          .map((each) => ({ sealed: each.sealed, expiresAt: each.expiresAt ?? until }))
          .filter(({ expiresAt }) => expiresAt > now)
        const secrets = [{ sealed }, ...former].slice(0, SECRETS_MAX)
        const rotated = await endpoints.updateOne({ _id: id, user, secrets: found.secrets }, { $set: { secrets } })
        // Of two at once the second begins anew: the first one's secret has been told, and has to sign too.
        if (rotated.matchedCount === 1) return secret
      }
    },
    /** A user who may no longer use the service is told nothing more. */
    setOwnerActive: async (user: string, ownerActive: boolean): Promise<void> => {
      await endpoints.updateMany({ user }, { $set: { ownerActive } })
    },

    /** Whether anybody listens at all. */
    isAnyListening: async (): Promise<boolean> =>
      (await endpoints.findOne({ enabled: true }, { projection: { _id: 1 }, readConcern: 'majority' })) !== null,
    listeningOf: async (users: readonly string[]): Promise<WebhookEndpoint[]> => {
      const found = await endpoints
        .find({ user: { $in: [...users] }, enabled: true, ownerActive: true }, { readConcern: 'majority' })
        .toArray()
      return found.map(endpointOf)
    },
    /** Something waits for these. */
    wake: async (ids: readonly string[], now: Date): Promise<void> => {
      if (ids.length > 0)
        await endpoints.updateMany({ _id: { $in: [...ids] } }, { $inc: { wake: 1 }, $min: { dueAt: now } })
    },

    /** The one that has waited longest, unless somebody else posts to it. */
    claim: async (by: string, now: Date, until: Date): Promise<ClaimedEndpoint | undefined> => {
      const found = await endpoints.findOneAndUpdate(
        { dueAt: { $lte: now }, ...MAY_POST, ...notAfter('lease.until', now), ...notAfter('restUntil', now) },
        { $set: { lease: { by, until } } },
        { sort: { dueAt: 1 }, returnDocument: 'after' },
      )
      return found === null ? undefined : claimedOf(found, now)
    },
    /** The endpoint as it is now; undefined when it is another's, switched off or gone. */
    renew: async ({ id, by }: Holder, now: Date, until: Date): Promise<ClaimedEndpoint | undefined> => {
      const found = await endpoints.findOneAndUpdate(
        { _id: id, 'lease.by': by, ...MAY_POST },
        { $set: { 'lease.until': until } },
        { returnDocument: 'after' },
      )
      return found === null ? undefined : claimedOf(found, now)
    },
    /** @param next when there is something more; it counts only if nothing was woken since `wake` was read */
    release: async ({ id, by }: Holder, wake: number, next: Date | undefined): Promise<void> => {
      const due = next === undefined ? { $unset: { lease: 1 as const, dueAt: 1 as const } } : undefined
      const set = next && { $set: { dueAt: next }, $unset: { lease: 1 as const } }
      const released = await endpoints.updateOne({ _id: id, 'lease.by': by, wake }, due ?? set ?? {})
      if (released.matchedCount === 0) await endpoints.updateOne({ _id: id, 'lease.by': by }, { $unset: { lease: 1 } })
    },

    /** What the failures in a row and their beginning are then. */
    noteFailure: async (id: string, now: Date): Promise<Pick<WebhookEndpoint, 'failures' | 'failingSince'>> => {
      const found = await endpoints.findOneAndUpdate(
        { _id: id },
        [{ $set: { failures: { $add: ['$failures', 1] }, failingSince: { $ifNull: ['$failingSince', now] } } }],
        { returnDocument: 'after' },
      )
      const { failures = 1, failingSince = now } = found ?? {}
      return { failures, failingSince }
    },
    noteSuccess: async (id: string): Promise<void> => {
      await endpoints.updateOne({ _id: id }, { $set: { failures: 0 }, $unset: { failingSince: 1, restUntil: 1 } })
    },
    rest: async (id: string, until: Date): Promise<void> => {
      await endpoints.updateOne({ _id: id }, { $set: { restUntil: until } })
    },
    /** False when it was off already. Its owner is to be told, once. */
    disable: async (id: string, disabledReason: DisabledReason, now: Date): Promise<boolean> => {
      const change = { $set: { enabled: false, disabledReason, disabledAt: now, noticeDue: true as const } }
      return (await endpoints.updateOne({ _id: id, enabled: true }, change)).modifiedCount === 1
    },
    /** One that was switched off since then and whose owner is to be told: from now on by the caller, and nobody else. */
    takeNotice: async (since: Date): Promise<WebhookEndpoint | undefined> => {
      const found = await endpoints.findOneAndUpdate(
        { noticeDue: true, disabledAt: { $gte: since } },
        { $unset: { noticeDue: 1 } },
        { sort: { disabledAt: 1 }, returnDocument: 'after' },
      )
      return found === null ? undefined : endpointOf(found)
    },
    /** He could not be told. Another time, unless it was switched on or off since. */
    giveNoticeBack: async ({ id, disabledAt }: Pick<WebhookEndpoint, 'id' | 'disabledAt'>): Promise<void> => {
      if (disabledAt !== undefined) await endpoints.updateOne({ _id: id, disabledAt }, { $set: { noticeDue: true } })
    },
  }
}

const MAY_POST = { enabled: true, ownerActive: true }

/** Also true of a field that is not there. */
function notAfter(field: 'lease.until' | 'restUntil', now: Date): mongo.Filter<EndpointDocument> {
  return { [field]: { $not: { $gt: now } } }
}

function placeOf(id: string) {
  return { collection: 'webhook_endpoints', id, field: 'secrets' }
}

function openAll(sealing: Sealing, { _id, secrets }: EndpointDocument, now: Date): string[] {
  const live = secrets.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
  try {
    return live.map(({ sealed }) => sealing.open(sealed, placeOf(_id)))
  } catch (error) {
    if (error instanceof SealingError) return []
    throw error
  }
}

const FAULTLESS = { failingSince: 1, restUntil: 1 } as const
const SWITCHED_ON = { disabledReason: 1, disabledAt: 1, noticeDue: 1 } as const

function changeOf(
  { url, description, events, instances, enabled }: WebhookChange,
  now: Date,
): mongo.UpdateFilter<EndpointDocument> {
  const optional = Object.entries({ description, events, instances })
  const set = optional.filter(([, value]) => value !== undefined && value !== null)
  const unset = optional.filter(([, value]) => value === null).map(([name]): [string, 1] => [name, 1])
  const isFresh = url !== undefined || enabled === true
  return {
    $set: {
      ...Object.fromEntries(set),
      ...(url !== undefined && { url }),
      ...(enabled !== undefined && { enabled }),
      ...(enabled === false && { disabledReason: 'user', disabledAt: now }),
      ...(isFresh && { failures: 0 }),
    },
    $unset: {
      ...Object.fromEntries(unset),
      ...(isFresh && FAULTLESS),
      ...(enabled === true && SWITCHED_ON),
    },
    ...(isFresh && { $inc: { wake: 1 }, $min: { dueAt: now } }),
  }
}

function withoutUndefined({ user, url, description, events, instances, fromSeq }: NewWebhookEndpoint) {
  return {
    user,
    url,
    fromSeq,
    ...(description !== undefined && { description }),
    ...(events !== undefined && { events }),
    ...(instances !== undefined && { instances }),
  }
}

function endpointOf(doc: EndpointDocument): WebhookEndpoint {
  const { _id: id, ownerActive: _owner, secrets: _secrets, dueAt: _due, wake: _wake, lease: _lease, ...rest } = doc
  const { restUntil: _rest, noticeDue: _notice, ...endpoint } = rest
  return { id, ...endpoint }
}
