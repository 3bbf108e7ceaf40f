import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Posted } from './load.ts'
import type { System } from './system.ts'

/** Waits until no message waits or is being sent, and every accepted one has a row. */
export async function untilQuiet(
  system: Pick<System, 'store'>,
  posted: readonly Posted[],
  timeoutMs = 120_000,
): Promise<void> {
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
