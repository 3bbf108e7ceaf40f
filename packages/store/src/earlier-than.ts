/**
 * What comes after a place in a list that is sorted by `{[time]: -1, _id: -1}`, newest first. The bound on the time alone
 * is what an index is entered by; of those of one moment the ids tell.
 * @param at ms since the epoch
 */
export function earlierThan(time: 'at' | 'createdAt', { at, id }: Readonly<{ at: number; id: string }>) {
  const moment = new Date(at)
  return { [time]: { $lte: moment }, $or: [{ [time]: { $lt: moment } }, { _id: { $lt: id } }] }
}
