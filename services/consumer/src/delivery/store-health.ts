import { setTimeout as wait } from 'node:timers/promises'
import { isStoreError } from '@whatsapp-sender/store'

/**
 * Whether the ledger takes writes. While one that must not be lost is being repeated, nothing new may be claimed: what
 * has happened is written down before anything else happens.
 */
export type StoreHealth = Readonly<{
  isWritable(): boolean
  /** Repeats a write until the database takes it; the write must be safe to repeat. Throws what is no fault of the database. */
  insist<T>(write: () => Promise<T>): Promise<T>
  failed(error: unknown): void
}>

const RETRY_MS = 250
const RETRY_MAX_MS = 2000

export function createStoreHealth({
  onError,
  onRecovered,
}: Readonly<{ onError(error: unknown): void; onRecovered(): void }>): StoreHealth {
  let insisting = 0
  return {
    isWritable: () => insisting === 0,
    failed: onError,
    insist: async (write) => {
      let delayMs = RETRY_MS
      let failing = false
      for (;;) {
        try {
          const result = await write()
          if (failing) insisting -= 1
          if (failing && insisting === 0) onRecovered()
          return result
        } catch (error) {
          onError(error)
          if (!isStoreError(error)) {
            if (failing) insisting -= 1
            throw error
          }
          if (!failing) insisting += 1
          failing = true
          await wait(delayMs)
          delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)
        }
      }
    },
  }
}
