/** For `$set` in a pipeline: `by` alone works at the document for so long, by the database's clock. */
export function leaseOf(by: string, ms: number) {
  return { by: { $literal: by }, until: { $add: ['$$NOW', ms] } }
}

/** What nobody works at, or whose holder has not been heard of for the time of his lease. */
export const NOT_HELD = { $or: [{ lease: { $exists: false } }, { $expr: { $lt: ['$lease.until', '$$NOW'] } }] }
