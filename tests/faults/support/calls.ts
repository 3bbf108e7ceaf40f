import type { Call } from '../history.ts'

/** ms that the slowest of the calls took. */
export function slowestMs(calls: readonly Call[]): number {
  return Math.max(0, ...calls.map(({ invokedAt, endedAt }) => endedAt - invokedAt))
}

/** ms from `at` to the first 202 after it; infinite when there was none. */
export function acceptedAgainMs(calls: readonly Call[], at: number): number {
  const first = calls.filter(({ result, endedAt }) => result === 'ok' && endedAt >= at).map(({ endedAt }) => endedAt)
  return Math.min(Number.POSITIVE_INFINITY, ...first) - at
}

/** The calls that were made and answered between two moments. */
export function callsWithin(calls: readonly Call[], from: number, to: number): Call[] {
  return calls.filter(({ invokedAt, endedAt }) => invokedAt >= from && endedAt <= to)
}

/** Texts that were accepted in a repeat under another id than an earlier answer named. */
export function idsThatDiffer(calls: readonly Call[]): string[] {
  return [...Map.groupBy(calls, ({ text }) => text)].flatMap(([text, repeats]) => {
    const ids = new Set(repeats.flatMap(({ id }) => id ?? []))
    return ids.size > 1 ? [text] : []
  })
}
