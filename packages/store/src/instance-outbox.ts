/**
 * What is told of an instance is written to its row in the same write that changes it, so that it is told once however many
 * processes see it, and is not lost when one of them dies; from there it is copied to the events.
 */
import type { InstanceEventType, InstanceState } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import type { EventDraft } from './events/event-document.ts'

/** Not in collection `events` yet. */
type InstanceOutboxEntry = Readonly<{ n: number; type: InstanceEventType; at: Date; user: string }>

/**
 * - `outbox`, `eventCount`: what is to be told, and how much ever was
 * - `qrNeededAt`: since when it has had no login; told when it is not connected either, and gone when it is
 */
export type InstanceOutbox = Readonly<{ outbox?: InstanceOutboxEntry[]; eventCount?: number; qrNeededAt?: Date }>

type OutboxRow = InstanceOutbox & Readonly<{ _id: string; name: string }>

export const INSTANCE_OUTBOX_INDEX = {
  name: 'outbox',
  partialFilterExpression: { outbox: { $exists: true } },
} as const

const WAS_OPEN = { $eq: ['$state', 'open'] }
const WAS_NOT_OPEN = { $ne: ['$state', 'open'] }
const HAS_NO_LOGIN = { $ne: [{ $type: '$qrNeededAt' }, 'missing'] }

/** A stage's part: the write can be followed. */
export const WRITTEN = { updatedAt: '$$NOW', revision: { $add: ['$revision', 1] } }

/** The stages of a write that brings an instance to the state it was seen in. */
export function seenIn(state: InstanceState) {
  const changed = { $set: { state, ...WRITTEN } }
  if (state === 'open') return [tell('instance.connected', WAS_NOT_OPEN), { $unset: 'qrNeededAt' }, changed]
  return [
    tell('instance.disconnected', WAS_OPEN),
    tell('qr.needed', { $and: [WAS_OPEN, HAS_NO_LOGIN] }),
    // Another phone may be the next.
    { $unset: 'connectedNumber' },
    changed,
  ]
}

/**
 * The stages of a write that notes that an instance has no login. As long as it passes for connected that is not told:
 * the word may be old, and whoever looks at the live state finds out.
 */
export function withoutLogin() {
  return [tell('qr.needed', WAS_NOT_OPEN), { $set: { qrNeededAt: '$$NOW', ...WRITTEN } }]
}

/** Of what is deleted nothing more is told. */
function tell(type: InstanceEventType, when: Readonly<Record<string, unknown>>) {
  const onlyThen = (value: unknown, field: string) => ({ $cond: [{ $and: ['$live', when] }, value, field] })
  const next = { $add: [{ $ifNull: ['$eventCount', 0] }, 1] }
  const entry = { n: next, type: { $literal: type }, at: '$$NOW', user: '$owner' }
  return {
    $set: {
      outbox: onlyThen({ $concatArrays: [{ $ifNull: ['$outbox', []] }, [entry]] }, '$outbox'),
      eventCount: onlyThen(next, '$eventCount'),
    },
  }
}

/**
 * Appends what at most `limit` instances have to tell to the events, and takes it out of their rows. Answers how many it
 * found, and the last place of the sequence. Repeating it is safe, and so is doing it twice at once.
 */
export async function copyInstanceOutboxes(
  rows: mongo.Collection<OutboxRow>,
  append: (drafts: readonly EventDraft[]) => Promise<number>,
  limit: number,
): Promise<Readonly<{ rows: number; head: number | undefined }>> {
  // Only what a majority has: an entry that is rolled back was never true, and its number is given to another.
  const found = await rows
    .find({ outbox: { $exists: true } }, { projection: { name: 1, outbox: 1, eventCount: 1 }, readConcern: 'majority' })
    .hint(INSTANCE_OUTBOX_INDEX.name)
    .limit(limit)
    .toArray()
  if (found.length === 0) return { rows: 0, head: undefined }
  const head = await append(found.flatMap(draftsOf))
  for (const { _id, eventCount = 0 } of found) await clear(rows, _id, eventCount)
  return { rows: found.length, head }
}

function draftsOf({ _id: instanceId, name: instance, outbox = [] }: OutboxRow): EventDraft[] {
  return outbox.map(({ n, ...entry }) => ({ _id: `${instanceId}:${n}`, n, ...entry, instance, instanceId }))
}

async function clear(rows: mongo.Collection<OutboxRow>, _id: string, eventCount: number): Promise<void> {
  const { matchedCount } = await rows.updateOne({ _id, eventCount }, { $unset: { outbox: 1 } })
  // It has more to tell by now.
  if (matchedCount === 0) await rows.updateOne({ _id }, { $pull: { outbox: { n: { $lte: eventCount } } } })
}
