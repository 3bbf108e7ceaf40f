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
  pause = wait,
  isOfStore = isStoreError,
}: Readonly<{
  onError(error: unknown): void
  onRecovered(): void
  pause?: (ms: number) => Promise<void>
  /** Is it worth repeating what ended so? */
  isOfStore?: (error: unknown) => boolean
}>): StoreHealth {
  let insisting = 0

  const tryOnce = async <T>(write: () => Promise<T>): Promise<Readonly<{ value: T }> | 'failed'> => {
    try {
      return { value: await write() }
    } catch (error) {
      onError(error)
      if (!isOfStore(error)) throw error
      return 'failed'
    }
  }

  const repeat = async <T>(write: () => Promise<T>): Promise<T> => {
    for (let delayMs = RETRY_MS; ; delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)) {
      await pause(delayMs)
      const tried = await tryOnce(write)
      if (tried !== 'failed') return tried.value
    }
  }

  return {
    isWritable: () => insisting === 0,
    failed: onError,
    insist: async (write) => {
      const first = await tryOnce(write)
      if (first !== 'failed') return first.value
      insisting += 1
      try {
        return await repeat(write)
      } finally {
        insisting -= 1
        if (insisting === 0) onRecovered()
      }
    },
  }
}
