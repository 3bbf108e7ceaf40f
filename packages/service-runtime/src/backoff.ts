/**
 * How long to wait before the next try: evenly random from 0 to min(cap, base · 2^(attempt − 1)), so that callers that
 * failed together do not come back together. `attempt` counts from 1.
 */
export function fullJitterMs(o: { attempt: number; baseMs: number; capMs: number; random?: () => number }): number {
  const { attempt, baseMs, capMs, random = Math.random } = o
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)))
}
