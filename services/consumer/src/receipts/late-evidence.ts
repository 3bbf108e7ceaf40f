import { echoHashOf } from '@whatsapp-sender/contract'
import type { LaneRow, Ledger, PendingReceipt, SentEvidence } from '@whatsapp-sender/store'
import { sentOutcome } from '../delivery/decide-outcome.ts'
import { type EvidenceParts, findEvidence } from '../delivery/find-evidence.ts'

export type LateEvidenceParts = EvidenceParts &
  Readonly<{
    ledger: Pick<Ledger, 'unknownMessages' | 'load' | 'recordOutcomes'>
    onProven(row: LaneRow): void
  }>

type Evidence = PendingReceipt & SentEvidence

/** A message was given up at most this long before Evolution told of it: its webhook repeats for half an hour. */
const GIVEN_UP_MS = 30 * 60 * 1000
/** Decisions after the event was stored have looked for it themselves; one may still have been on its way. */
const TRIES_MAX = 2

/**
 * Evolution told of a message after it was given up as `unknown`: then it was sent after all. As at the decision, one
 * message and one event have to belong together without doubt.
 */
export async function proveLate(parts: LateEvidenceParts, evidence: readonly Evidence[]): Promise<void> {
  const fresh = evidence.filter(({ tries, textHash }) => tries < TRIES_MAX && textHash !== undefined)
  for (const [instanceId, events] of Map.groupBy(fresh, (event) => event.instanceId)) {
    const earliest = Math.min(...events.map(({ at }) => at.getTime()))
    const given = await parts.ledger.unknownMessages(instanceId, new Date(earliest - GIVEN_UP_MS))
    const told = new Set(events.map(({ textHash }) => textHash))
    const candidates = given.map((row) => ({ row, hash: echoHashOf(row) }))
    for (const each of candidates.filter(({ hash }) => hash !== undefined && told.has(hash)))
      if (isOnly(each, candidates)) await proveOne(parts, each.row)
  }
}

async function proveOne(parts: LateEvidenceParts, row: LaneRow): Promise<void> {
  // What is being sent to the same recipient has the better claim to it, and looks for itself.
  const [head] = await parts.ledger.load({ instance: row.instance, to: row.to, limit: 1 })
  if (head?.status === 'sending') return
  const startedAt = new Date(row.claimedAt ?? 0)
  const keyId = await findEvidence(parts, row, startedAt)
  if (keyId === undefined) return
  // The attempt it belongs to was counted when it was given up.
  const attempted = { ...row, attemptsCount: row.attemptsCount - 1 }
  const facts = { row: attempted, claim: row.claim ?? '', startedAt, durationMs: 0 }
  const taken = await parts.ledger.recordOutcomes([{ ...sentOutcome(facts, keyId, 'evidence'), counted: false }])
  if (taken === 1) parts.onProven(row)
}

type Candidate = Readonly<{ row: LaneRow; hash: string | undefined }>

function isOnly({ row, hash }: Candidate, given: readonly Candidate[]): boolean {
  return given.filter((each) => each.row.to === row.to && each.hash === hash).length === 1
}
