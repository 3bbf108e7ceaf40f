import { createFaultLog, createLoop, type Logger, type Part } from '@whatsapp-sender/service-runtime'
import type { InstanceDirectory, Ledger } from '@whatsapp-sender/store'
import type { Registry } from 'prom-client'
import type { Clock } from '../dispatch/clock.ts'
import { createBacklogGauges } from './backlog-gauges.ts'
import { backlogOf } from './backlog-of.ts'

const EVERY_MS = 15_000
/** Of so much time of the database no more than one part is taken for counting. */
const PARTS = 50
/** What was counted before then says nothing of now. */
const FRESH_MS = 300_000

/**
 * Counts in the database what is unfinished. One process is enough for it; two at once count the same twice for a moment.
 * The longer it takes the more rarely it is done.
 */
export function createBacklog({
  store,
  directory,
  clock,
  isActive,
  logger,
  registry,
}: Readonly<{
  store: Readonly<{ ledger: Pick<Ledger, 'countWaiting' | 'countRows'> }>
  directory: Pick<InstanceDirectory, 'byId'>
  clock: Pick<Clock, 'monotonic' | 'storeNow'>
  isActive(): boolean
  logger: Logger
  registry: Registry
}>): Part {
  let counted: Readonly<{ at: number; backlog: ReturnType<typeof backlogOf> }> | undefined
  createBacklogGauges(registry, {
    storeNow: clock.storeNow,
    backlog: () =>
      counted !== undefined && isActive() && clock.monotonic() - counted.at < FRESH_MS ? counted.backlog : undefined,
  })
  const faults = createFaultLog(logger)
  const loop = createLoop({
    step: async () => {
      if (!isActive()) return EVERY_MS
      const begun = clock.monotonic()
      const [waiting, rows] = await Promise.all([store.ledger.countWaiting(), store.ledger.countRows()])
      const now = clock.monotonic()
      counted = { at: now, backlog: backlogOf(waiting, rows, directory.byId) }
      return Math.max(EVERY_MS, (now - begun) * PARTS)
    },
    afterFailureMs: EVERY_MS,
    onError: (err) => faults.warn({ err }, 'unfinished messages could not be counted'),
  })
  return { name: 'count of unfinished messages', start: async () => loop.start(), stop: loop.stop }
}
