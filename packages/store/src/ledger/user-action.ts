import type { mongo } from 'mongoose'
import { twice } from './claim-messages.ts'
import { type MessageCollection, type MessageDocument, messageRowOf } from './message-document.ts'
import type { Action, MessageRow } from './message-row.ts'

/** Whose message. Without `user` anybody's: for an administrator. */
export type MessageOf = Readonly<{ id: string; user?: string | undefined }>

/** `refused`: the row is in a status in which this cannot be done. Undefined: there is no such row. */
export type ActionResult = Readonly<{ kind: 'done' | 'refused'; row: MessageRow }> | undefined

/** What is changed in rows of which something holds. */
type Act = Readonly<{ when: mongo.Filter<MessageDocument>; pipeline: mongo.Document[] }>

const ACTIONS_KEPT = 20

/** Answers of the database within this, or an error: somebody waits. */
export const ASKED_MAX_MS = 5000

/** One compare-and-set on behalf of a user, and what the row is after it, or why it was not taken. */
export async function actOnMessage(
  rows: MessageCollection,
  message: MessageOf,
  { when, pipeline }: Act,
): Promise<ActionResult> {
  const filter: mongo.Filter<MessageDocument> = { $and: [filterOf(message), when] }
  const done = await rows.findOneAndUpdate(filter, pipeline, { returnDocument: 'after', maxTimeMS: ASKED_MAX_MS })
  if (done !== null) return { kind: 'done', row: messageRowOf(done) }
  const row = await rows.findOne(filterOf(message), { maxTimeMS: ASKED_MAX_MS })
  return row === null ? undefined : { kind: 'refused', row: messageRowOf(row) }
}

export function filterOf({ id, user }: MessageOf): mongo.Filter<MessageDocument> {
  return { _id: id, ...(user !== undefined && { user }) }
}

/** `by`: id of a user; `operation`: the bulk operation that does it for him. */
export type Actor = Readonly<{ by: string; operation?: string | undefined }>

/**
 * One change of many rows on behalf of a user: how many were taken. Of an operation it may be repeated: it takes no row
 * twice, and counts those that it took before.
 */
export async function actOnThese(
  rows: MessageCollection,
  ids: readonly string[],
  { when, pipeline, operation }: Act & Readonly<{ operation?: string | undefined }>,
): Promise<number> {
  if (ids.length === 0) return 0
  const these = { _id: { $in: [...ids] } }
  if (operation === undefined) return await twice(() => rows.updateMany({ $and: [these, when] }, pipeline))
  const untaken = { 'actions.operation': { $ne: operation } }
  await twice(() => rows.updateMany({ $and: [these, when, untaken] }, pipeline))
  return await rows.countDocuments({ ...these, 'actions.operation': operation }, { maxTimeMS: ASKED_MAX_MS })
}

/** For `$set`: the row keeps who did what to it and when, the last 20 times. */
export function noted(action: Action['action'], { by, operation }: Actor) {
  const through = operation !== undefined && { operation: { $literal: operation } }
  const entry = { at: '$$NOW', by: { $literal: by }, action: { $literal: action }, ...through }
  return { $slice: [{ $concatArrays: [{ $ifNull: ['$actions', []] }, [entry]] }, -ACTIONS_KEPT] }
}

/**
 * For `$set` of a row that ends while it waits. An owner that holds it back for its next attempt holds its lane back with
 * it, and has to hear of the end; any other finds out when it wants to claim.
 */
export const WAKE_IF_HELD_BACK = { $cond: [{ $gt: ['$nextAttemptAt', '$$NOW'] }, '$$NOW', '$$REMOVE'] }
