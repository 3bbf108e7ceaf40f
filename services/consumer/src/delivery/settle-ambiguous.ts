import {
  digitVariantsOf,
  isPhoneNumber,
  type RetryPolicy,
  type SendFailure,
  textHashOf,
} from '@whatsapp-sender/contract'
import type { LaneRow, Outcome, PendingReceipts } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'
import { type AttemptFacts, endedOutcome, queuedOutcome, sentOutcome } from './decide-outcome.ts'

export type SettleParts = Readonly<{
  clock: Clock
  policyOf(row: LaneRow): RetryPolicy
  /** Evolution may act on a request this long after its caller is gone. */
  settleMs: number
  /** Have Evolution's events been read up to this moment of the store's clock? */
  readPast(instant: Date): Promise<boolean>
  pendingReceipts: Pick<PendingReceipts, 'evidenceFor' | 'markEvidenceUsed'>
  /** Rejects when the process stops: the row stays as it is, for whoever owns it next. */
  pause(ms: number): Promise<void>
  onAmbiguous(messageId: string, code: string): void
  onError(error: unknown): void
}>

const LOOK_AGAIN_MS = 250
/**
 * Attempts and events both carry the database's clock, but one may have it from another member than the other, or from
 * the last heartbeat. Members of a replica set are kept to the same time to well under a second; this is ten times that
 * and the way of a heartbeat. It only makes the search wider, and more than one candidate is none.
 */
const CLOCK_SKEW_MS = 5000

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
    parts.onAmbiguous(row.id, failure.code)
    const settledAt = startedAt.getTime() + parts.settleMs
    await parts.pause(Math.max(0, settledAt - clock.storeNow()))
    for (;;) {
      try {
        if (await parts.readPast(new Date(settledAt))) {
          const keyId = await evidenceOf(parts, row, startedAt)
          return keyId === undefined ? byPolicy(facts, failure, parts) : sentOutcome(facts, keyId, 'evidence')
        }
      } catch (error) {
        parts.onError(error)
      }
      await parts.pause(LOOK_AGAIN_MS)
    }
  }
}

async function evidenceOf(parts: SettleParts, row: LaneRow, startedAt: Date): Promise<string | undefined> {
  const window = {
    instanceId: row.instanceId,
    textHash: textHashOf(row.content.text.replaceAll('\u0000', '')),
    from: new Date(startedAt.getTime() - CLOCK_SKEW_MS),
    messageId: row.id,
  }
  const candidates = (await parts.pendingReceipts.evidenceFor(window)).filter(({ remoteJid }) =>
    isRecipient(row.to, remoteJid),
  )
  const [only, another] = candidates
  if (only === undefined || another !== undefined) return undefined
  return (await parts.pendingReceipts.markEvidenceUsed(only.id, row.id)) ? only.keyId : undefined
}

function isRecipient(to: string, remoteJid: string): boolean {
  return isPhoneNumber(to) && digitVariantsOf(to).includes(remoteJid.split('@')[0]?.split(':')[0] ?? '')
}

function byPolicy(facts: AttemptFacts, failure: SendFailure, { policyOf, clock }: SettleParts): Outcome {
  if (facts.row.onAmbiguous === 'hold') return endedOutcome(facts, 'unknown', failure)
  if (facts.row.attemptsCount + 1 >= policyOf(facts.row).attemptsMax) return endedOutcome(facts, 'unknown', failure)
  return queuedOutcome(facts, failure, true, new Date(clock.storeNow()))
}
