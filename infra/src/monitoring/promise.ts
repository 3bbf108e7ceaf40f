/**
 * The promise: of the messages that could go, 99 % are sent within 30 s. Pace, schedule and a phone that is not connected
 * count before that, not in it. What used up its attempts, or is not known to have left, breaks it.
 */
const WITHIN_SECONDS = 30

/** What may break it, of 1. */
export const BUDGET = 0.01

/** Prometheus 3 writes bounds of buckets as decimals. */
const IN_TIME = `whatsapp_sent_after_due_seconds_bucket{le=~"${WITHIN_SECONDS}|${WITHIN_SECONDS}[.]0"}`
const GIVEN_UP = 'whatsapp_sends_total{outcome=~"dead-lettered|unknown"}'

/** The part of the messages of this time for which the promise was broken. `sum`: the increase of a metric, summed. */
export function brokenPart(sum: (metric: string) => string): string {
  return `1 - ${sum(IN_TIME)} / ${all(sum)}`
}

/** Their number. */
export function brokenCount(sum: (metric: string) => string): string {
  return `${all(sum)} - ${sum(IN_TIME)}`
}

function all(sum: (metric: string) => string): string {
  return `(${sum('whatsapp_sent_after_due_seconds_count')} + ${sum(GIVEN_UP)})`
}
