import type { mongo } from 'mongoose'
import type { MessageDocument } from './message-document.ts'

/** A place in a list that is newest first. What comes or goes elsewhere in the list does not move it. */
export type ListPlace = Readonly<{ at: number; id: string }>

export type PageRequest = Readonly<{ after?: ListPlace | undefined; limit: number }>

export type PlaceDocument = Pick<MessageDocument, '_id' | 'createdAt'>

export const PLACE_PROJECTION = { _id: 1, createdAt: 1 } as const

/** By when a row came into the ledger; those of one moment by their ids. */
export const NEWEST_FIRST = { createdAt: -1, _id: -1 } as const

export function placeOf({ _id, createdAt }: PlaceDocument): ListPlace {
  return { at: createdAt.getTime(), id: _id }
}

/**
 * What comes after a place, as far as `end` with it: each part has its own bounds in an index that ends in the order of the
 * list, so that of many rows of one moment none is read twice. One of the parts must hold.
 */
export function stretchOf({
  after,
  end,
}: Readonly<{ after?: ListPlace | undefined; end?: ListPlace | undefined }>): mongo.Filter<MessageDocument>[] {
  if (after !== undefined && after.at === end?.at)
    return [{ createdAt: new Date(after.at), _id: { $lt: after.id, $gte: end.id } }]
  const between = { ...(after && { $lt: new Date(after.at) }), ...(end && { $gt: new Date(end.at) }) }
  return [
    ...(after ? [{ createdAt: new Date(after.at), _id: { $lt: after.id } }] : []),
    after === undefined && end === undefined ? {} : { createdAt: between },
    ...(end ? [{ createdAt: new Date(end.at), _id: { $gte: end.id } }] : []),
  ]
}

/** `until` is not included. */
export function createdBetween({
  since,
  until,
}: Readonly<{ since?: Date | undefined; until?: Date | undefined }>): mongo.Filter<MessageDocument> {
  if (since === undefined && until === undefined) return {}
  return { createdAt: { ...(since && { $gte: since }), ...(until && { $lt: until }) } }
}
