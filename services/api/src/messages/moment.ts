import { z } from 'zod'

/** A moment as callers write it: with its offset, for a time without one means another moment in each place. */
export const Moment = z.iso
  .datetime({ offset: true, error: 'must be a time with its offset, such as 2027-01-31T18:00:00-03:00' })
  .transform((text) => new Date(text))

/** How long a message may be valid, from the moment it may be sent. */
export const TtlSeconds = z.int().min(1).max(31_536_000)

const AHEAD_DAYS_MAX = 366

/** For messages: what lies further ahead is more likely a slip than a plan. */
export const SendAt = Moment.refine(
  (at) => at.getTime() <= Date.now() + AHEAD_DAYS_MAX * 86_400_000,
  'must not be more than a year ahead',
)
