import { mongo } from 'mongoose'

/** NamespaceNotFound, IndexNotFound. */
const NOT_THERE: ReadonlySet<unknown> = new Set([26, 27])

/** Those that are there; another process may be doing the same. */
export async function dropIndexes(collection: mongo.Collection, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await collection.dropIndex(name)
    } catch (error) {
      if (!(error instanceof mongo.MongoServerError) || !NOT_THERE.has(error.code)) throw error
    }
  }
}
