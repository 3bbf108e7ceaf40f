import type { IngestedMessage, Store } from '@whatsapp-sender/store'
import type { PlannedMessage } from '../deliver/plan.ts'
import { recordOf } from '../kafka/produce-backlog.ts'

const BATCH = 1000
const AT_ONCE = 4

/** Puts messages straight into the ledger, as ingest would have done long ago, in the plan's order. */
export async function seedLedger({ ledger }: Store, plan: Iterable<PlannedMessage>): Promise<number> {
  const startedAt = Date.now() - 3_600_000
  const now = new Date(startedAt)
  let offset = 0n
  let batch: IngestedMessage[] = []
  const flying = new Set<Promise<unknown>>()
  const flush = async (): Promise<void> => {
    if (flying.size >= AT_ONCE) await Promise.race(flying)
    const insert: Promise<unknown> = ledger.insert(batch, now).then(() => flying.delete(insert))
    flying.add(insert)
    batch = []
  }
  for (const message of plan) {
    batch.push({ record: recordOf(message), appendedAt: startedAt + Number(offset / 1000n), offset, wake: false })
    offset += 1n
    if (batch.length === BATCH) await flush()
  }
  if (batch.length > 0) await flush()
  await Promise.all(flying)
  return Number(offset)
}

/** An empty ledger, as fast as it can be had: nothing may be at work with it. */
export async function emptyLedger(store: Store): Promise<void> {
  await store.db.collection('messages').drop()
  await store.ensureIndexes()
}
