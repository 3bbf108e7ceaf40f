import { z } from 'zod'

/** In UTC an offset may carry a moment past these, and years of more digits are no ISO 8601 to those who read the record. */
const EARLIEST = Date.parse('0000-01-01T00:00:00.000Z')
const LATEST = Date.parse('9999-12-31T23:59:59.999Z')

/** A moment as callers write it: with its offset, for a time without one means another moment in each place. */
export const Moment = z.iso
  .datetime({ offset: true, error: 'must be a time with its offset, such as 2027-01-31T18:00:00-03:00' })
  .transform((text) => new Date(text))
  .refine((at) => at.getTime() >= EARLIEST && at.getTime() <= LATEST, 'must be, in UTC, in a year from 0000 to 9999')

/** How long a message may be valid, from the moment it may be sent. */
export const TtlSeconds = z.int().min(1).max(31_536_000)

const AHEAD_DAYS_MAX = 366

/** For messages: what lies further ahead is more likely a slip than a plan. */
export const SendAt = Moment.refine(
  (at) => at.getTime() <= Date.now() + AHEAD_DAYS_MAX * 86_400_000,
  'must not be more than a year ahead',
)
