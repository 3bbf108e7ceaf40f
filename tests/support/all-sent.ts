import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Posted } from './load.ts'
import type { System } from './system.ts'

/** Waits until no message waits or is being sent, and every accepted one has a row. */
export async function untilQuiet(system: System, posted: readonly Posted[], timeoutMs = 120_000): Promise<void> {
  const rows = system.store.db.collection('messages')
  const accepted = posted.filter(({ result }) => result === 'accepted').length
  await until(
    'every accepted message has ended',
    async () => {
      const ended = await rows.countDocuments({ open: { $exists: false } })
      const open = await rows.countDocuments({ open: 1 })
      return open === 0 && ended >= accepted ? true : undefined
    },
    { timeoutMs, everyMs: 200 },
  )
}

/** How many messages stand in each status. */
async function statuses(system: System): Promise<Record<string, number>> {
  const counts = await system.store.db
    .collection('messages')
    .aggregate<{ _id: string; count: number }>([{ $group: { _id: '$status', count: { $sum: 1 } } }])
    .toArray()
  return Object.fromEntries(counts.map(({ _id, count }) => [_id, count]))
}

/** Statuses of a message that left. */
export const LEFT = ['sent', 'delivered', 'read']

export async function countOf(system: System, wanted: readonly string[]): Promise<number> {
  const all = await statuses(system)
  return wanted.reduce((sum, status) => sum + (all[status] ?? 0), 0)
}
