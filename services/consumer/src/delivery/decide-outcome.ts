import { addressOf, isRecipient, type RetryPolicy, type SendFailure, type SendResult } from '@whatsapp-sender/contract'
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

/** `misses`: tries in a row that did not count, as far as this process knows. */
export type TriedRow = LaneRow & Readonly<{ misses?: number }>

/** Longest wait after a try that met the server away: it may be back at any moment, and its gate bounds the traffic. */
const MISS_WAIT_MAX_MS = 10_000

export type AttemptFacts = Readonly<{ row: TriedRow; claim: string; startedAt: Date; durationMs: number }>

/** `now`: the store's clock, ms. */
export function decideOutcome(
  facts: AttemptFacts,
  result: SendResult,
  { policy, now, random }: Readonly<{ policy: RetryPolicy; now: number; random?: () => number }>,
): Decision {
  if (result.kind === 'sent') {
    const outcome = sentOutcome(facts, result.providerMessageId, 'answer')
    const resolvedTo = otherAddress(facts.row.to, result.remoteJid)
    return { kind: 'write', outcome: { ...outcome, ...(resolvedTo !== undefined && { resolvedTo }) } }
  }
  const { failure } = result
  const waitMs = (attempt: number, capMs: number): number =>
    failure.retryAfterMs ?? fullJitterMs({ attempt, baseMs: policy.baseMs, capMs, ...(random && { random }) })
  switch (failure.kind) {
    case 'ambiguous':
      return { kind: 'ambiguous', failure }
    case 'permanent':
      return { kind: 'write', outcome: endedOutcome(facts, 'failed', failure) }
    case 'transient': {
      const used = facts.row.attemptsCount + 1
      if (used >= policy.attemptsMax) return { kind: 'write', outcome: endedOutcome(facts, 'dead-lettered', failure) }
      const nextAttemptAt = new Date(now + waitMs(used, policy.capMs))
      return { kind: 'write', outcome: queuedOutcome(facts, failure, true, nextAttemptAt) }
    }
    case 'server-down': {
      const capMs = Math.min(policy.capMs, MISS_WAIT_MAX_MS)
      const nextAttemptAt = new Date(now + waitMs((facts.row.misses ?? 0) + 1, capMs))
      return { kind: 'write', outcome: queuedOutcome(facts, failure, false, nextAttemptAt) }
    }
    case 'rate-limited':
    case 'instance-down':
    case 'configuration':
      return { kind: 'write', outcome: queuedOutcome(facts, failure, false, undefined) }
  }
}

/** WhatsApp may know a number by other digits, or by none. */
function otherAddress(to: string, remoteJid: string | undefined): string | undefined {
  if (remoteJid === undefined || !isRecipient(to)) return undefined
  const address = addressOf(to)
  return remoteJid === address || remoteJid === `${address}@s.whatsapp.net` ? undefined : remoteJid.slice(0, JID_MAX)
}

/** Far above any that there is: what Evolution answers is not ours. */
const JID_MAX = 100

export function sentOutcome(
  facts: AttemptFacts,
  providerMessageId: string,
  by: 'answer' | 'evidence',
): Extract<Outcome, { status: 'sent' }> {
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
