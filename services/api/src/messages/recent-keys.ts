import { LRUCache } from 'lru-cache'

type Keyed = Readonly<{ id: string; bodyHash: string }>

/** A request that goes on under a key. `mayStand`: what it asked for was accepted, or may have been. */
type KeyClaim = Readonly<{ settle(mayStand: boolean): void }>

/**
 * Which body an idempotency key stood for a moment ago, while the ledger does not know it yet; the key as the message id
 * that is made of it. Of this process only.
 */
export type RecentKeys = Readonly<{
  /** Undefined when the id stands for another body. It is free again once none of its requests may stand. */
  claim(message: Keyed): KeyClaim | undefined
}>

const KEYS_MAX = 20_000
const MAX_AGE_MS = 60_000

export function createRecentKeys(): RecentKeys {
  const keys = new LRUCache<string, { bodyHash: string; open: number; mayStand: boolean }>({
    max: KEYS_MAX,
    ttl: MAX_AGE_MS,
  })
  return {
    claim: ({ id, bodyHash }) => {
      const key = keys.get(id) ?? { bodyHash, open: 0, mayStand: false }
      if (key.bodyHash !== bodyHash) return undefined
      key.open += 1
      keys.set(id, key)
      return {
        settle: (mayStand) => {
          key.open -= 1
          key.mayStand ||= mayStand
          if (key.open === 0 && !key.mayStand && keys.get(id) === key) keys.delete(id)
        },
      }
    },
  }
}
