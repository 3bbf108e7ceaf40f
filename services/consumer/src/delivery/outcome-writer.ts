import type { Ledger, Outcome } from '@whatsapp-sender/store'
import { createBatchWriter } from '../batch-writer.ts'
import type { StoreHealth } from './store-health.ts'

/** The cost of a row grows with the batch: beyond this one larger write is no cheaper than two. */
const BATCH_MAX = 200
/** Fifty outcomes in one write cost the database two thirds of what they cost in four; only their lanes wait for it. */
const GATHER_MS = 15

/** Writes outcomes in batches and does not give up: what waits is bounded by the requests in flight. */
export function createOutcomeWriter({
  ledger,
  health,
  onLate,
}: Readonly<{
  ledger: Pick<Ledger, 'recordOutcomes'>
  health: StoreHealth
  /** Outcomes whose rows had been taken over by somebody else. */
  onLate(count: number): void
}>): Readonly<{ record(outcome: Outcome): Promise<void>; idle(): Promise<void> }> {
  const writer = createBatchWriter<Outcome, true>({
    batchMax: BATCH_MAX,
    gatherMs: GATHER_MS,
    writeAll: async (outcomes) => {
      const taken = await health.insist(() => ledger.recordOutcomes(outcomes))
      if (taken < outcomes.length) onLate(outcomes.length - taken)
      return outcomes.map(() => true)
    },
  })
  return {
    record: async (outcome) => {
      await writer.write(outcome)
    },
    idle: () => writer.idle(),
  }
}
