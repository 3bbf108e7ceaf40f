import type { ClaimedEndpoint, WebhookEndpoints } from '@whatsapp-sender/store'
import type { Clock } from '../../dispatch/clock.ts'
import { LEASE_MS } from './deliver-to-endpoint.ts'

export const ENDPOINTS_AT_ONCE_MAX = 32
/** Other processes make deliveries too, and retries become due: nobody tells. */
const LOOK_AGAIN_MS = 1000

/** A step that takes endpoints that wait for something, as many as may be served at once, and lets each run. */
export function createDeliverWebhooks({
  endpoints,
  deliver,
  by,
  clock,
  onSlotFree,
  onError,
}: Readonly<{
  endpoints: Pick<WebhookEndpoints, 'claim'>
  deliver(claimed: ClaimedEndpoint): Promise<void>
  by: string
  clock: Pick<Clock, 'storeNow'>
  onSlotFree(): void
  onError(error: unknown): void
}>) {
  const running = new Set<Promise<void>>()
  const run = (claimed: ClaimedEndpoint): void => {
    const work = deliver(claimed)
      .catch(onError)
      .finally(() => {
        running.delete(work)
        onSlotFree()
      })
    running.add(work)
  }
  return {
    step: async (): Promise<number> => {
      while (running.size < ENDPOINTS_AT_ONCE_MAX) {
        const now = clock.storeNow()
        const claimed = await endpoints.claim(by, new Date(now), new Date(now + LEASE_MS))
        if (claimed === undefined) break
        run(claimed)
      }
      return LOOK_AGAIN_MS
    },
    running: () => running.size,
    /** Resolves when what runs has ended. */
    idle: async (): Promise<void> => {
      await Promise.all(running)
    },
  }
}
