import { setTimeout as wait } from 'node:timers/promises'
import type { Gateway } from '../system/gateway.ts'
import { rowOf } from './campaign-file.ts'

const LOOK_EVERY_MS = 500

/** What of a file has left the gateway, row by row. */
export type Sends = Readonly<{
  total(): number
  /** Rows that never left, that left more than once, and messages that are of no row. */
  findings(): Readonly<{ missing: number; twice: number; unasked: number }>
  /** Returns when it has seen what left until now. @throws when it lost its way in the journal */
  end(): Promise<void>
}>

/** Reads the gateway's journal while it grows: it holds only the latest. */
export function followSends(gateway: Gateway, rows: number): Sends {
  const counts = new Uint8Array(rows)
  let seen = 0
  let unasked = 0
  let isOver = false
  const look = async (): Promise<void> => {
    for (const { sequence, content } of await gateway.sentSince(seen)) {
      seen = sequence
      const row = rowOf(content)
      if (row === undefined || row >= rows) unasked++
      else counts[row] = Math.min(255, (counts[row] ?? 0) + 1)
    }
  }
  const following = (async () => {
    while (!isOver) {
      await look()
      await wait(LOOK_EVERY_MS)
    }
    await look()
  })()
  // It is told by `end`; without this a failure in between would end the process.
  following.catch(() => {})
  return {
    total: () => seen,
    findings: () => ({
      missing: counts.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0),
      twice: counts.reduce((sum, count) => sum + (count > 1 ? 1 : 0), 0),
      unasked,
    }),
    end: async () => {
      isOver = true
      await following
    },
  }
}
