import type { RetryPolicy, SendFailure } from '@whatsapp-sender/contract'
import type { LaneRow, Outcome } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'
import { type AttemptFacts, endedOutcome, queuedOutcome, sentOutcome } from './decide-outcome.ts'
import { type EvidenceParts, findEvidence } from './find-evidence.ts'

export type SettleParts = EvidenceParts &
  Readonly<{
    clock: Clock
    policyOf(row: LaneRow): RetryPolicy
    /** Evolution may act on a request this long after its caller is gone. */
    settleMs: number
    /** Have Evolution's events been read up to this moment of the store's clock? */
    readPast(instant: Date): Promise<boolean>
    /** Rejects when the process stops: the row stays as it is, for whoever owns it next. */
    pause(ms: number): Promise<void>
    onAmbiguous(row: LaneRow, code: string): void
    onError(error: unknown): void
  }>

const LOOK_AGAIN_MS = 250
/**
 * Waits until it can be known whether an ambiguous attempt left, looks for it in Evolution's own events, and goes by
 * `onAmbiguous` when they do not tell.
 */
export function createSettleAmbiguous(
  parts: SettleParts,
): (facts: AttemptFacts, failure: SendFailure) => Promise<Outcome> {
  const { clock } = parts
  return async (facts, failure) => {
    const { row, startedAt } = facts
    parts.onAmbiguous(row, failure.code)
    const settledAt = startedAt.getTime() + parts.settleMs
    await parts.pause(Math.max(0, settledAt - clock.storeNow()))
    for (;;) {
      try {
        if (await parts.readPast(new Date(settledAt))) {
          const keyId = await findEvidence(parts, row, startedAt)
          return keyId === undefined ? byPolicy(facts, failure, parts) : sentOutcome(facts, keyId, 'evidence')
        }
      } catch (error) {
        parts.onError(error)
      }
      await parts.pause(LOOK_AGAIN_MS)
    }
  }
}

function byPolicy(facts: AttemptFacts, failure: SendFailure, { policyOf, clock }: SettleParts): Outcome {
  if (facts.row.onAmbiguous === 'hold') return endedOutcome(facts, 'unknown', failure)
  if (facts.row.attemptsCount + 1 >= policyOf(facts.row).attemptsMax) return endedOutcome(facts, 'unknown', failure)
  return queuedOutcome(facts, failure, true, new Date(clock.storeNow()))
}
