import type { SendFailure } from '@whatsapp-sender/contract'
import type { LaneRow, Ledger, Outcome } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'
import type { Holders } from '../leases/holders.ts'
import type { AttemptFacts } from './decide-outcome.ts'
import { type DeliveryResult, recordAndContinue } from './deliver-message.ts'

export type SettleClaimedParts = Readonly<{
  ledger: Pick<Ledger, 'read'>
  /** This process, as claims name it. */
  by: string
  clock: Clock
  holders: Pick<Holders, 'isGone'>
  isHeld(messageId: string): boolean
  /** This process still owns the instance. */
  owns(instance: string): boolean
  pause(ms: number): Promise<void>
  settleAmbiguous(facts: AttemptFacts, failure: SendFailure): Promise<Outcome>
  record(outcome: Outcome): Promise<void>
  onOutcome(row: LaneRow, outcome: Outcome): void
  onError(error: unknown): void
}>

const LOOK_EVERY_MS = 500
/** No call lasts this long: whoever still holds a claim then has forgotten it. */
const CLAIM_MAX_MS = 180_000

const HOLDER_GONE: SendFailure = {
  kind: 'ambiguous',
  code: 'holder-gone',
  detail: 'The process that was sending the message is gone; the message may have left.',
}

/**
 * Finds out what became of a row that was claimed before it came into this process's memory: its holder ends it, or its
 * holder is gone and the row is judged as ambiguous.
 */
export function createSettleClaimed(parts: SettleClaimedParts): (row: LaneRow) => Promise<DeliveryResult> {
  return async (row) => {
    const seen = parts.clock.monotonic()
    while (parts.owns(row.instance)) {
      const settled = await settleNow(parts, row, seen)
      if (settled !== undefined) return settled
      await parts.pause(LOOK_EVERY_MS)
    }
    return { kind: 'changed' }
  }
}

/** Undefined: nothing is known yet. `seen`: since when this process has known of the claim, monotonic ms. */
async function settleNow(parts: SettleClaimedParts, row: LaneRow, seen: number): Promise<DeliveryResult | undefined> {
  if (parts.isHeld(row.id)) return undefined
  const now = await readRow(parts, row)
  if (now === 'unread') return undefined
  if (now === undefined || isEnded(now)) return { kind: 'ended' }
  if (now.status !== 'sending') return { kind: 'waits', row: now }
  if (now.claim !== row.claim) return { kind: 'changed' }
  return isOrphan(parts, now, seen) ? await judge(parts, now) : undefined
}

async function readRow(parts: SettleClaimedParts, row: LaneRow): Promise<LaneRow | undefined | 'unread'> {
  try {
    return (await parts.ledger.read([row.id]))[0]
  } catch (error) {
    parts.onError(error)
    return 'unread'
  }
}

function isEnded({ status }: LaneRow): boolean {
  return status !== 'sending' && status !== 'queued' && status !== 'scheduled'
}

/** A row in this process's own name that it is not at work on is one, too: it was read after the look into memory. */
function isOrphan({ holders, by, clock }: SettleClaimedParts, row: LaneRow, seen: number): boolean {
  if (row.by === undefined) return false
  if (row.by === by) return true
  return holders.isGone(row.by) || clock.monotonic() - seen > CLAIM_MAX_MS
}

async function judge(parts: SettleClaimedParts, row: LaneRow): Promise<DeliveryResult> {
  const startedAt = new Date(row.claimedAt ?? parts.clock.storeNow())
  const facts = { row, claim: row.claim ?? '', startedAt, durationMs: 0 }
  const outcome = await parts.settleAmbiguous(facts, HOLDER_GONE)
  return await recordAndContinue(parts, row, outcome)
}
