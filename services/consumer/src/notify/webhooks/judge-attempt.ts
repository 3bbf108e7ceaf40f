/**
 * What an attempt makes of a delivery and of its endpoint.
 *
 * | answer | delivery | endpoint |
 * | --- | --- | --- |
 * | 2xx | delivered | well again |
 * | 410 | failed | switched off |
 * | anything else, or none | tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h; then failed | failing |
 */
import type { AttemptEnd } from '@whatsapp-sender/store'

export type Verdict = Readonly<{ end: AttemptEnd; endpoint: 'well' | 'gone' | 'failing' }>

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
const RETRY_AFTER_MS = [
  5 * SECOND_MS,
  300 * SECOND_MS,
  1800 * SECOND_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
]
/** Of each pause up to so much comes on top: what failed together does not come again together. */
const JITTER = 0.2

/** @param tries attempts before this one @param status undefined when there was no answer */
export function judgeAttempt(
  { tries, status }: Readonly<{ tries: number; status: number | undefined }>,
  now: Date,
  random: () => number,
): Verdict {
  if (status !== undefined && status >= 200 && status < 300) return { end: { state: 'delivered' }, endpoint: 'well' }
  if (status === 410) return { end: { state: 'failed' }, endpoint: 'gone' }
  const pauseMs = RETRY_AFTER_MS[tries]
  if (pauseMs === undefined) return { end: { state: 'failed' }, endpoint: 'failing' }
  const nextAttemptAt = new Date(now.getTime() + pauseMs * (1 + JITTER * random()))
  return { end: { state: 'waiting', nextAttemptAt }, endpoint: 'failing' }
}

const FAILURES_WITHOUT_REST = 3
const REST_MAX_MS = 60_000

/** How long an endpoint is left alone after so many failures in a row; what waits for it is not hurried by new events. */
export function restMs(failures: number): number {
  if (failures < FAILURES_WITHOUT_REST) return 0
  return Math.min(REST_MAX_MS, SECOND_MS * 2 ** (failures - FAILURES_WITHOUT_REST))
}

const FAILING_MAX_MS = 24 * HOUR_MS

/** Whether nothing has reached the endpoint for a day. */
export function isGivenUp(failingSince: Date, now: Date): boolean {
  return now.getTime() - failingSince.getTime() >= FAILING_MAX_MS
}
