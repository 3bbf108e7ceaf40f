import type { LaneRow, Ledger } from '@whatsapp-sender/store'
import { createBatchWriter } from '../batch-writer.ts'

const BATCH_MAX = 500
const GATHER_MS = 20

/** Reads single rows, many callers' together: after a crash every lane that had a call open looks for its own. */
export function createRowReader(ledger: Pick<Ledger, 'read'>): (id: string) => Promise<LaneRow | undefined> {
  const reader = createBatchWriter<string, LaneRow | 'missing'>({
    batchMax: BATCH_MAX,
    gatherMs: GATHER_MS,
    writeAll: async (ids) => {
      const rows = new Map((await ledger.read([...new Set(ids)])).map((row) => [row.id, row]))
      return ids.map((id) => rows.get(id) ?? 'missing')
    },
  })
  return async (id) => {
    const row = await reader.write(id)
    return row === 'missing' ? undefined : row
  }
}
