import type { Outcome } from './follow-message.ts'

/** Guesses of a password are limited, and those of the canary would lock out others. */
const AFTER_REFUSED_LOGIN_MS = 60_000

/** How long nothing is sent after a message: the rest of its interval, and no less than was asked for. */
export function pauseAfter(
  outcome: Outcome,
  { elapsedMs, intervalMs }: Readonly<Record<'elapsedMs' | 'intervalMs', number>>,
): number {
  const rest = Math.max(intervalMs - elapsedMs, 0)
  if (outcome.kind !== 'refused') return rest
  const least = outcome.httpStatus === 401 ? AFTER_REFUSED_LOGIN_MS : 0
  return Math.max(rest, least, outcome.retryAfterMs ?? 0)
}
