import type { SendFailure } from '@whatsapp-sender/contract'
import type { LaneRow, Ledger, Outcome } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'
import type { Holders } from '../leases/holders.ts'
import type { AttemptFacts } from './decide-outcome.ts'
import { type DeliveryResult, recordAndContinue } from './deliver-message.ts'
import { createRowReader } from './row-reader.ts'

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

/** A claim that was only about to be given back is free in a moment; one that is being sent takes its time. */
const LOOK_FIRST_MS = 50
const LOOK_MAX_MS = 500
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
  const reading = { ...parts, read: createRowReader(parts.ledger) }
  return async (row) => {
    const seen = { since: parts.clock.monotonic() }
    for (let pauseMs = LOOK_FIRST_MS; parts.owns(row.instance); pauseMs = Math.min(LOOK_MAX_MS, pauseMs * 2)) {
      const settled = await settleNow(reading, row, seen)
      if (settled !== undefined) return settled
      await parts.pause(pauseMs)
    }
    return { kind: 'changed' }
  }
}

type ReadingParts = SettleClaimedParts & Readonly<{ read(id: string): Promise<LaneRow | undefined> }>

/** Since when this process has known of the claim, monotonic ms, without a gap in which it could not look. */
type Seen = { since: number }

/** Undefined: nothing is known yet. */
async function settleNow(parts: ReadingParts, row: LaneRow, seen: Seen): Promise<DeliveryResult | undefined> {
  if (parts.isHeld(row.id)) return undefined
  const now = await readRow(parts, row)
  if (now === 'unread') {
    // While the database is away its holder cannot write what became of it either.
    seen.since = parts.clock.monotonic()
    return undefined
  }
  if (now === undefined || isEnded(now)) return { kind: 'ended' }
  if (now.status !== 'sending') return { kind: 'waits', row: now }
  if (now.claim !== row.claim) return { kind: 'changed' }
  return isOrphan(parts, now, seen) ? await judge(parts, now) : undefined
}

async function readRow(parts: ReadingParts, row: LaneRow): Promise<LaneRow | undefined | 'unread'> {
  try {
    return await parts.read(row.id)
  } catch (error) {
    parts.onError(error)
    return 'unread'
  }
}

function isEnded({ status }: LaneRow): boolean {
  return status !== 'sending' && status !== 'queued' && status !== 'scheduled'
}

/** A row in this process's own name that it is not at work on is one, too: it was read after the look into memory. */
function isOrphan({ holders, by, clock }: SettleClaimedParts, row: LaneRow, seen: Seen): boolean {
  if (row.by === undefined) return false
  if (row.by === by) return true
  return holders.isGone(row.by) || clock.monotonic() - seen.since > CLAIM_MAX_MS
}

async function judge(parts: SettleClaimedParts, row: LaneRow): Promise<DeliveryResult> {
  const startedAt = new Date(row.claimedAt ?? parts.clock.storeNow())
  const facts = { row, claim: row.claim ?? '', startedAt, durationMs: 0 }
  const outcome = await parts.settleAmbiguous(facts, HOLDER_GONE)
  return await recordAndContinue(parts, row, outcome)
}
