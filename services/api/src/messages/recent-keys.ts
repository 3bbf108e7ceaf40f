import { LRUCache } from 'lru-cache'

type Keyed = Readonly<{ id: string; bodyHash: string }>

/**
 * Which body an idempotency key stood for a moment ago, while the ledger does not know it yet; the key as the message id
 * that is made of it. Of this process only.
 */
export type RecentKeys = Readonly<{
  /** False when the id stands for another body. */
  claim(message: Keyed): boolean
  release(message: Keyed): void
}>

const KEYS_MAX = 20_000
const MAX_AGE_MS = 60_000

export function createRecentKeys(): RecentKeys {
  const hashes = new LRUCache<string, string>({ max: KEYS_MAX, ttl: MAX_AGE_MS })
  return {
    claim: ({ id, bodyHash }) => {
      const known = hashes.get(id)
      if (known === undefined) hashes.set(id, bodyHash)
      return known === undefined || known === bodyHash
    },
    release: ({ id }) => void hashes.delete(id),
  }
}
