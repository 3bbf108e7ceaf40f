import type { mongo } from 'mongoose'
import { type MessageCollection, type MessageDocument, messageRowOf } from './message-document.ts'
import type { Action, MessageRow } from './message-row.ts'

/** Whose message. Without `user` anybody's: for an administrator. */
export type MessageOf = Readonly<{ id: string; user?: string | undefined }>

/** `refused`: the row is in a status in which this cannot be done. Undefined: there is no such row. */
export type ActionResult = Readonly<{ kind: 'done' | 'refused'; row: MessageRow }> | undefined

const ACTIONS_KEPT = 20

/** Answers of the database within this, or an error: somebody waits. */
export const ASKED_MAX_MS = 5000

/** One compare-and-set on behalf of a user, and what the row is after it, or why it was not taken. */
export async function actOnMessage(
  rows: MessageCollection,
  message: MessageOf,
  { when, pipeline }: Readonly<{ when: mongo.Filter<MessageDocument>; pipeline: mongo.Document[] }>,
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

/** For `$set`: the row keeps who did what to it and when, the last 20 times. */
export function noted(action: Action['action'], by: string) {
  const entry = { at: '$$NOW', by: { $literal: by }, action: { $literal: action } }
  return { $slice: [{ $concatArrays: [{ $ifNull: ['$actions', []] }, [entry]] }, -ACTIONS_KEPT] }
}

/**
 * For `$set` of a row that ends while it waits. An owner that holds it back for its next attempt holds its lane back with
 * it, and has to hear of the end; any other finds out when it wants to claim.
 */
export const WAKE_IF_HELD_BACK = { $cond: [{ $gt: ['$nextAttemptAt', '$$NOW'] }, '$$NOW', '$$REMOVE'] }
