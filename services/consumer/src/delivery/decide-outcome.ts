import type { SendFailure, SendResult } from '@whatsapp-sender/contract'
import { fullJitterMs } from '@whatsapp-sender/service-runtime'
import type { Attempt, LaneRow, Outcome } from '@whatsapp-sender/store'

/**
 * What one answer of Evolution API means for the message.
 * - `write`: the outcome is known
 * - `ambiguous`: the message may have left; only time and Evolution's own events can tell
 */
export type Decision =
  | Readonly<{ kind: 'write'; outcome: Outcome }>
  | Readonly<{ kind: 'ambiguous'; failure: SendFailure }>

export type RetryPolicy = Readonly<{ attemptsMax: number; baseMs: number; capMs: number }>

export type AttemptFacts = Readonly<{ row: LaneRow; claim: string; startedAt: Date; durationMs: number }>

/** `now`: the store's clock, ms. */
export function decideOutcome(
  facts: AttemptFacts,
  result: SendResult,
  { policy, now, random }: Readonly<{ policy: RetryPolicy; now: number; random?: () => number }>,
): Decision {
  if (result.kind === 'sent') return { kind: 'write', outcome: sentOutcome(facts, result.providerMessageId, 'answer') }
  const { failure } = result
  switch (failure.kind) {
    case 'ambiguous':
      return { kind: 'ambiguous', failure }
    case 'permanent':
      return { kind: 'write', outcome: endedOutcome(facts, 'failed', failure) }
    case 'transient': {
      const used = facts.row.attemptsCount + 1
      if (used >= policy.attemptsMax) return { kind: 'write', outcome: endedOutcome(facts, 'dead-lettered', failure) }
      const waitMs = failure.retryAfterMs ?? fullJitterMs({ attempt: used, ...policy, ...(random && { random }) })
      return { kind: 'write', outcome: queuedOutcome(facts, failure, true, new Date(now + waitMs)) }
    }
    case 'rate-limited':
    case 'instance-down':
    case 'server-down':
    case 'configuration':
      return { kind: 'write', outcome: queuedOutcome(facts, failure, false, undefined) }
  }
}

export function sentOutcome(facts: AttemptFacts, providerMessageId: string, by: 'answer' | 'evidence'): Outcome {
  return { ...head(facts, true), status: 'sent', providerMessageId, by, attempt: attemptOf(facts, 'sent') }
}

/** `counted`: Evolution answered about this very message. */
export function queuedOutcome(
  facts: AttemptFacts,
  failure: SendFailure,
  counted: boolean,
  nextAttemptAt: Date | undefined,
): Outcome {
  const attempt = attemptOf(facts, counted ? 'retry' : 'released', failure)
  return { ...head(facts, counted), status: 'queued', nextAttemptAt, attempt }
}

export function endedOutcome(
  facts: AttemptFacts,
  status: 'failed' | 'dead-lettered' | 'unknown',
  failure: SendFailure,
): Outcome {
  const reason = { code: failure.code, detail: failure.detail }
  return { ...head(facts, true), status, reason, attempt: attemptOf(facts, status, failure) }
}

function head({ row, claim }: AttemptFacts, counted: boolean) {
  return { id: row.id, claim, counted }
}

function attemptOf(
  { row, startedAt, durationMs }: AttemptFacts,
  outcome: Attempt['outcome'],
  failure?: SendFailure,
): Attempt {
  const number = row.attemptsCount + 1
  if (failure === undefined) return { number, startedAt, durationMs, outcome }
  const { kind, code, detail, httpStatus } = failure
  return {
    number,
    startedAt,
    durationMs,
    outcome,
    error: { kind, code, detail, ...(httpStatus !== undefined && { httpStatus }) },
  }
}
