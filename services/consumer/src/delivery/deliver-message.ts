import type { RetryPolicy, SendFailure, SendResult } from '@whatsapp-sender/contract'
import type { EndReason, LaneRow, Ledger, Outcome } from '@whatsapp-sender/store'
import type { Pass } from '../dispatch/breaker.ts'
import { ageOf, type Clock, type Moment } from '../dispatch/clock.ts'
import { type AttemptFacts, decideOutcome, type TriedRow } from './decide-outcome.ts'
import { type EndedUnsent, expiryOf } from './ended-unsent.ts'

/**
 * What the dispatcher does next with the message's lane.
 * - `ended`: the next one may go
 * - `waits`: the same one again, not before `row.nextAttemptAt`
 * - `changed`: somebody else has moved the row; the ledger knows
 * - `left`: this process stops, and whoever owns the instance next goes on with the row
 */
export type DeliveryResult =
  | Readonly<{ kind: 'ended' }>
  | Readonly<{ kind: 'waits'; row: LaneRow }>
  | Readonly<{ kind: 'changed' | 'left' }>

/**
 * Where the message stands, for whoever counts slots. `slot` waits for one and answers whether it got it, or must not
 * begin any more; `answered` gives it back, once.
 */
export type DeliverySteps = {
  slot(): Promise<boolean>
  answered(): void
  /** The request was begun: whatever comes, it counts against the pace. */
  begun: boolean
}

export type Admission =
  | Readonly<{ kind: 'go'; apiKey: string }>
  /** Not now: gate, pause, rebalance, stop. */
  | Readonly<{ kind: 'hold' }>
  /** Never: the instance is gone or is not this user's any more. */
  | Readonly<{ kind: 'end'; reason: EndReason }>

export type Claim = Readonly<{ token: string; at: Moment }>

export type DeliverParts = Readonly<{
  clock: Clock
  policyOf(row: LaneRow): RetryPolicy
  ledger: Pick<Ledger, 'endWaiting' | 'read'>
  /** Undefined: somebody else has it, or it is not due. */
  claim(row: LaneRow): Promise<Claim | undefined>
  /** Gives a claim back whose request was not begun; returns when the ledger has it. */
  release(id: string, claim: Claim): Promise<void>
  admit(row: LaneRow): Admission
  /**
   * Sees to it that `admit` knows what it has to know of the recipient, and of the instance, which may be newer than what
   * this process has read. True: it was, so the message was let go without regard to its pace.
   */
  learn(row: LaneRow): Promise<boolean>
  /** `mayStart` is asked once more right before the first byte is written. */
  send(row: LaneRow, apiKey: string, mayStart: () => boolean): Promise<SendResult>
  /** Right before the request, and only if nothing else hinders it. Undefined: not now. */
  begin(row: LaneRow): Pass | undefined
  /** Keeps what the pace has to know of a request that ended: at once in memory; returns when it is written. Never throws. */
  onRequestEnded(row: LaneRow, result: SendResult): Promise<void>
  /** Moves gates; never throws. */
  onResult(row: LaneRow, result: SendResult, pass: Pass): void
  record(outcome: Outcome): Promise<void>
  /** Waits until it is known, or given up, whether the message left. */
  settleAmbiguous(facts: AttemptFacts, failure: SendFailure): Promise<Outcome>
  onOutcome(row: LaneRow, outcome: Outcome): void
  /** A message that waited has ended without being sent. */
  onEnded(row: LaneRow, end: EndedUnsent): void
}>

/** A claim older than this is not acted on: its holder may have slept through its own eviction. */
const CLAIM_AGE_MAX_MS = 10_000

/** One message from the head of its lane to its outcome in the ledger. */
export function createDeliverMessage(
  parts: DeliverParts,
): (row: TriedRow, steps: DeliverySteps) => Promise<DeliveryResult> {
  const { clock } = parts

  return async (row, steps) => {
    if (await parts.learn(row)) return { kind: 'waits', row }
    const before = refusalOf(row, parts.admit(row), clock.storeNow())
    if (before.kind === 'hold') return { kind: 'waits', row: { ...row, nextAttemptAt: clock.storeNow() + 200 } }
    if (before.kind === 'end') return await endWaiting(parts, row, before)

    const claim = await parts.claim(row)
    if (claim === undefined) return await rereadOf(parts, row)

    const mayBegin = await steps.slot()
    const admission = refusalOf(row, parts.admit(row), clock.storeNow())
    const isFresh = () => ageOf(claim.at, clock) <= CLAIM_AGE_MAX_MS
    const isFit = mayBegin && admission.kind === 'go' && isFresh()
    const pass = isFit ? parts.begin(row) : undefined
    if (admission.kind !== 'go' || pass === undefined) {
      steps.answered()
      await parts.release(row.id, claim)
      return { kind: 'waits', row: { ...row, status: 'queued' } }
    }

    steps.begun = true
    const startedAt = new Date(clock.storeNow())
    const begun = clock.monotonic()
    const result = await parts.send(row, admission.apiKey, isFresh)
    const facts = { row, claim: claim.token, startedAt, durationMs: Math.round(clock.monotonic() - begun) }
    const kept = parts.onRequestEnded(row, result)
    parts.onResult(row, result, pass)
    steps.answered()
    // Before the outcome: until that is written nobody else goes on with the recipient.
    await kept

    const decision = decideOutcome(facts, result, { policy: parts.policyOf(row), now: clock.storeNow() })
    const outcome = decision.kind === 'write' ? decision.outcome : await parts.settleAmbiguous(facts, decision.failure)
    return await recordAndContinue(parts, row, outcome)
  }
}

/** Writes an outcome and tells what it leaves of the message. */
export async function recordAndContinue(
  parts: Pick<DeliverParts, 'record' | 'onOutcome'>,
  row: TriedRow,
  outcome: Outcome,
): Promise<DeliveryResult> {
  await parts.record(outcome)
  parts.onOutcome(row, outcome)
  if (outcome.status !== 'queued') return { kind: 'ended' }
  const attemptsCount = row.attemptsCount + (outcome.counted ? 1 : 0)
  const misses = outcome.counted ? 0 : (row.misses ?? 0) + 1
  const waiting: TriedRow = {
    ...row,
    status: 'queued',
    attemptsCount,
    misses,
    nextAttemptAt: outcome.nextAttemptAt?.getTime(),
  }
  return { kind: 'waits', row: waiting }
}

type Refusal =
  | Exclude<Admission, { kind: 'end' }>
  | Readonly<{ kind: 'end'; status: 'failed' | 'expired'; reason: EndReason }>

function refusalOf(row: LaneRow, admission: Admission, now: number): Refusal {
  if (row.expiresAt !== undefined && row.expiresAt <= now) {
    const reason = { code: 'expired', detail: 'The message was not sent before its time ran out.' }
    return { kind: 'end', status: 'expired', reason }
  }
  return admission.kind === 'end' ? { ...admission, status: 'failed' } : admission
}

const LOOK_AGAIN_MS = 100

/** The claim was lost: whoever has the row, or whatever has become of it, is in the ledger. */
async function rereadOf({ ledger, clock }: DeliverParts, row: LaneRow): Promise<DeliveryResult> {
  const [now] = await ledger.read([row.id])
  if (now === undefined || now.status === 'scheduled') return { kind: 'changed' }
  if (now.status === 'sending') return { kind: 'waits', row: now }
  if (now.status !== 'queued') return { kind: 'ended' }
  return {
    kind: 'waits',
    row: { ...now, nextAttemptAt: Math.max(now.nextAttemptAt ?? 0, clock.storeNow() + LOOK_AGAIN_MS) },
  }
}

async function endWaiting(
  parts: DeliverParts,
  row: LaneRow,
  { status, reason }: Extract<Refusal, { kind: 'end' }>,
): Promise<DeliveryResult> {
  // Not taken: somebody has ended it already, or given it more time.
  if ((await parts.ledger.endWaiting([row.id], status, reason)) !== 1) return await rereadOf(parts, row)
  parts.onEnded(row, await endOf(parts, row, { status, code: reason.code }))
  return { kind: 'ended' }
}

/** What was tried before may have left then, which only the ledger knows. */
async function endOf({ ledger }: DeliverParts, row: LaneRow, end: EndedUnsent): Promise<EndedUnsent> {
  if (end.status !== 'expired' || row.attemptsCount === 0) return end
  const [now] = await ledger.read([row.id])
  return expiryOf(now?.status === 'unknown')
}
