import { mongo } from 'mongoose'

/** The database refused, was away or did not answer in time, as against a fault of ours. */
export function isStoreError(error: unknown): boolean {
  return error instanceof mongo.MongoError
}
