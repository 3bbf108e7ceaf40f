/**
 * Queries, as dashboard, panel and legend, of which 0 all the time is the truth though the load does what it can, with the reason.
 * Any other query whose every line stays at 0 asks for what never moves, and is a fault.
 */
export const ONLY_ZERO: ReadonlyMap<string, string> = new Map([
  [
    'Consumer and Kafka / Late outcomes / in 5 minutes',
    'Whether a consumer that freezes has a request open of which others judge first is chance.',
  ],
])
