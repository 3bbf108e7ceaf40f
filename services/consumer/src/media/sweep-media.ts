import { createFaultLog, createLoop, type Logger, type Part } from '@whatsapp-sender/service-runtime'
import type { MediaFiles } from '@whatsapp-sender/store'
import { Counter, type Registry } from 'prom-client'

const EVERY_MS = 60_000

/** One after the other: of the largest files each is some hundred chunks to remove. */
const AT_ONCE_MAX = 100

/**
 * Removes files whose time is over, and what uploads left that ended half-way. One process is enough for it, and two at
 * once do no harm.
 */
export function createMediaSweep({
  store,
  isActive,
  logger,
  registry,
}: Readonly<{
  store: Readonly<{ media: Pick<MediaFiles, 'sweep'> }>
  isActive(): boolean
  logger: Logger
  registry: Registry
}>): Part {
  const removed = new Counter({
    name: 'whatsapp_media_removed_total',
    help: 'Uploaded files removed because their time was over; if it stands still, the database grows.',
    registers: [registry],
  })
  const faults = createFaultLog(logger)
  const loop = createLoop({
    step: async () => {
      if (!isActive()) return EVERY_MS
      const count = await store.media.sweep(AT_ONCE_MAX)
      removed.inc(count)
      return count === AT_ONCE_MAX ? 0 : EVERY_MS
    },
    onError: (err) => faults.warn({ err }, 'files whose time is over could not be removed'),
  })
  return { name: 'sweep of files', start: async () => loop.start(), stop: loop.stop }
}
