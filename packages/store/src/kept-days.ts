/** Days that things are kept for which nobody has a choice; of all but usage, erasures and operations, counted from when they were made. */
export const KEPT_DAYS = {
  /** How long a reader of events may be away without missing anything. */
  events: 7,
  /** From when it was made or last replayed; longer than all retries take. */
  webhookDeliveries: 7,
  /** From the day that they are about. */
  usage: 400,
  /** From their end. */
  erasures: 90,
  /** From their end. */
  operations: 30,
} as const
