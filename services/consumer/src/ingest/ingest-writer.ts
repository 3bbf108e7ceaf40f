import type { IngestedMessage, InsertResult, Ledger, OrderKey } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'

const ROWS_MAX = 500

type Part = Readonly<{
  partition: number
  messages: readonly IngestedMessage[]
  resolve(result: InsertResult): void
  reject(error: unknown): void
}>

/**
 * Inserts the batches of all partitions together: one write in flight, at most 500 rows unless a single part is larger.
 * It knows which rows are on their way, so that a reader does not take a later one of them for the next.
 */
export type IngestWriter = Readonly<{
  insert(partition: number, messages: readonly IngestedMessage[]): Promise<InsertResult>
  /** First row of this partition that is on its way to the ledger. */
  insertingFrom(partition: number): OrderKey | undefined
}>

/** Rows one part may bring; a handler with more calls again. */
export const INSERT_ROWS_MAX = 250

export function createIngestWriter(
  ledger: Pick<Ledger, 'insert'>,
  {
    clock,
    onWritten,
  }: Readonly<{ clock: Pick<Clock, 'monotonic' | 'storeNow'>; onWritten(rows: number, ms: number): void }>,
): IngestWriter {
  const waiting: Part[] = []
  let flying = false
  const onTheirWay = new Map<number, OrderKey>()

  const flush = async (): Promise<void> => {
    const parts: Part[] = []
    let size = 0
    while (waiting[0] !== undefined && (size === 0 || size + waiting[0].messages.length <= ROWS_MAX)) {
      size += waiting[0].messages.length
      parts.push(...waiting.splice(0, 1))
    }
    flying = true
    const begun = clock.monotonic()
    try {
      const rows = parts.flatMap(({ messages }) => messages)
      const result = await ledger.insert(rows, new Date(clock.storeNow()))
      onWritten(rows.length, clock.monotonic() - begun)
      for (const part of parts) settle(part, result)
    } catch (error) {
      for (const part of parts) part.reject(error)
    }
    flying = false
    if (waiting.length > 0) void flush()
  }

  return {
    insert: async (partition, messages) => {
      const [first] = messages
      if (first === undefined) return { inserted: [], duplicates: [], refused: [] }
      onTheirWay.set(partition, first)
      try {
        return await new Promise<InsertResult>((resolve, reject) => {
          waiting.push({ partition, messages, resolve, reject })
          if (!flying) void flush()
        })
      } finally {
        // After a rebalance a handler may bring its rows again while nobody waits for the first write any more.
        if (onTheirWay.get(partition) === first) onTheirWay.delete(partition)
      }
    },
    insertingFrom: (partition) => onTheirWay.get(partition),
  }
}

function settle({ messages, resolve }: Part, result: InsertResult): void {
  const own = new Set(messages)
  resolve({
    inserted: result.inserted.filter((message) => own.has(message)),
    duplicates: result.duplicates.filter((message) => own.has(message)),
    refused: result.refused.filter(({ message }) => own.has(message)),
  })
}
