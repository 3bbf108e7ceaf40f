import type { mongo } from 'mongoose'

/**
 * The next of what stands in front of the first `/` of the ids of a collection; `after` is the one before, or empty. One
 * step in the index of ids for each, however many ids begin with it.
 */
export async function nextPrefix<T extends { _id: string }>(
  collection: mongo.Collection<T>,
  after: string,
): Promise<string | undefined> {
  // The character behind the slash: no id that begins with `after/` is as high.
  const from = after === '' ? '' : `${after}0`
  const filter: mongo.Filter<{ _id: string }> = { _id: { $gt: from } }
  const [next] = await collection
    .aggregate<{ _id: string }>([{ $match: filter }, { $sort: { _id: 1 } }, { $limit: 1 }, { $project: { _id: 1 } }])
    .toArray()
  return next?._id.slice(0, next._id.indexOf('/'))
}
