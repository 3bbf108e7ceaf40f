import { createLoop, type Part } from '@whatsapp-sender/service-runtime'
import type { Ledger } from '@whatsapp-sender/store'
import type { ConsumerConfig } from '../config.ts'
import type { Clock } from '../dispatch/clock.ts'

/** Ids of so many rows are in memory at a time. */
const ROWS_MAX = 500
const LOOK_AGAIN_MS = 60_000
/** Between full steps: sending has the database first. */
const BREATH_MS = 200

/**
 * Takes the content out of messages that ended long enough ago, if that is wanted at all. One process is enough for it;
 * two at once do no harm.
 */
export function createRedaction({
  config: { redactAfterMs: afterMs },
  store,
  clock,
  isActive,
  onError,
}: Readonly<{
  config: Pick<ConsumerConfig, 'redactAfterMs'>
  store: Readonly<{ ledger: Pick<Ledger, 'redact'> }>
  clock: Pick<Clock, 'storeNow'>
  isActive(): boolean
  onError(error: unknown): void
}>): Part {
  if (afterMs === undefined) return { name: 'redaction' }
  const lookAgainMs = Math.min(LOOK_AGAIN_MS, afterMs)
  const loop = createLoop({
    step: async () => {
      if (!isActive()) return lookAgainMs
      const { seen } = await store.ledger.redact({ now: new Date(clock.storeNow()), afterMs, limit: ROWS_MAX })
      return seen < ROWS_MAX ? lookAgainMs : BREATH_MS
    },
    onError,
  })
  return { name: 'redaction', start: async () => loop.start(), stop: loop.stop }
}
