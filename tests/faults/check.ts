import { findLedgerFaults, findOffsetFaults } from './check-ledger.ts'
import { findGrowth, findTooFast } from './check-limits.ts'
import {
  boundOf,
  findBeyondBound,
  findDuplicates,
  findForeignSends,
  findLost,
  findOutOfOrder,
  findUnasked,
} from './check-messages.ts'
import type { RunLogs } from './history.ts'
import { factsOf } from './run-facts.ts'
import { type Violation, violation } from './violation.ts'

export type Verdict = Readonly<{
  accepted: number
  /** Accepted, and neither sent nor ended as the run allows. */
  lost: number
  /** Sends of a message beyond its first, of all messages together. */
  duplicated: number
  /** Ended `unknown`, where the callers wanted nothing sent twice. */
  held: number
  /** So many could have been doubled, or held, by the faults of the run. */
  bound: number
  outOfOrder: number
  violations: readonly Violation[]
}>

/** Compares what callers were told, what left for WhatsApp, and what the ledger says. Pure: a saved run can be judged again. */
export function checkRun(logs: RunLogs): Verdict {
  const facts = factsOf(logs)
  const lost = findLost(facts)
  const duplicates = findDuplicates(facts)
  const held = facts.messages.filter(({ policy, row }) => policy === 'hold' && row?.status === 'unknown').length
  const bound = boundOf(logs)
  const outOfOrder = findOutOfOrder(facts)
  return {
    accepted: facts.messages.filter(({ accepted }) => accepted).length,
    lost: lost.length,
    duplicated: duplicates.length,
    held,
    bound,
    outOfOrder: outOfOrder.length,
    violations: [
      ...violation('I1', 'was accepted and is lost', lost),
      ...findUnasked(facts),
      ...findBeyondBound(facts, { duplicates, held, bound }),
      ...violation('I4', 'left after one accepted later', outOfOrder),
      ...findForeignSends(facts),
      ...findTooFast(logs),
      ...findOffsetFaults(logs),
      ...findLedgerFaults(facts),
      ...findGrowth(logs),
    ],
  }
}
