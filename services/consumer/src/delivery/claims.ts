import { randomUUID } from 'node:crypto'
import type { HeldClaim, LaneRow, Ledger } from '@whatsapp-sender/store'
import { createBatchWriter } from '../batch-writer.ts'
import type { Clock } from '../dispatch/clock.ts'
import type { Claim } from './deliver-message.ts'
import type { StoreHealth } from './store-health.ts'

const BATCH_MAX = 500
/** Fifty rows in one write cost the database half of what they cost in four, and claims run further ahead than this. */
const GATHER_MS = 15
const RELEASE_GATHER_MS = 5

export type Claims = Readonly<{
  claim(row: LaneRow): Promise<Claim | undefined>
  /** Gives back a claim whose request was not begun; returns when the ledger has it. */
  release(id: string, claim: Claim): Promise<void>
}>

/** Claims and releases in batches, one write of each kind in flight. */
export function createClaims({
  ledger,
  clock,
  by,
  health,
  onClaimed,
}: Readonly<{
  ledger: Pick<Ledger, 'claim' | 'release'>
  clock: Clock
  by: string
  health: StoreHealth
  onClaimed(won: number, lost: number): void
}>): Claims {
  const release = createBatchWriter<HeldClaim, true>({
    batchMax: BATCH_MAX,
    gatherMs: RELEASE_GATHER_MS,
    writeAll: async (held) => {
      await health.insist(() => ledger.release(held))
      return held.map(() => true)
    },
  })
  const claim = createBatchWriter<LaneRow, Claim | 'lost'>({
    batchMax: BATCH_MAX,
    gatherMs: GATHER_MS,
    writeAll: async (rows) => {
      const ids = rows.map(({ id }) => id)
      const token = randomUUID()
      const at = { monotonic: clock.monotonic(), wall: clock.wall() }
      const won = await ledger.claim({ ids, token, by }).catch(async (error: unknown) => {
        // Whose the rows are is not known, but this process has begun none of them: they go back.
        health.failed(error)
        await health.insist(() => ledger.release(ids.map((id) => ({ id, claim: token }))))
        return new Set<string>()
      })
      onClaimed(won.size, ids.length - won.size)
      return ids.map((id) => (won.has(id) ? { token, at } : 'lost'))
    },
  })
  return {
    claim: async (row) => {
      const answer = await claim.write(row)
      return answer === 'lost' ? undefined : answer
    },
    release: async (id, { token }) => {
      await release.write({ id, claim: token })
    },
  }
}
