import { LRUCache } from 'lru-cache'
import { inTime } from '../in-time.ts'

/** What was asked for, `missing`, or `unavailable` when the database is down and nothing is known. */
export type Known<T> = T | 'missing' | 'unavailable'

export type KnownRows<T> = Readonly<{
  get: (key: string) => Known<T> | Promise<Known<T>>
  /** After a change made here; other replicas see it when their copy has aged. */
  forget: (key: string) => void
}>

export type KnownOptions = Readonly<{
  /** How long a change may go unnoticed. Default 30 s. */
  maxAgeMs?: number
  /** Default 10,000. */
  rowsMax?: number
  now?: () => number
}>

const LOOKUP_TIMEOUT_MS = 1000

/**
 * The rows of the last half minute, in memory, so that a request costs no query. While the database is down the last
 * that was known holds; what was never seen stays out.
 */
export function createKnown<T extends object>(
  find: (key: string) => Promise<T | undefined>,
  o: KnownOptions = {},
): KnownRows<T> {
  const { maxAgeMs = 30_000, rowsMax = 10_000, now = () => performance.now() } = o
  const copies = new LRUCache<string, { row: T | 'missing'; at: number }>({ max: rowsMax })
  const lookups = new Map<string, Promise<Known<T>>>()

  async function ask(key: string): Promise<Known<T>> {
    const found = await inTime(find(key), LOOKUP_TIMEOUT_MS)
    if (found.kind === 'done') {
      const row = found.value ?? 'missing'
      copies.set(key, { row, at: now() })
      return row
    }
    const last = copies.get(key)
    if (last === undefined) return 'unavailable'
    // Ask again soon, not with every request: each question to a dead database takes its whole time-out.
    last.at = now() - maxAgeMs * 0.9
    return last.row
  }

  return {
    get: (key) => {
      const copy = copies.get(key)
      if (copy !== undefined && now() - copy.at < maxAgeMs) return copy.row
      const running = lookups.get(key)
      if (running !== undefined) return running
      const lookup = ask(key).finally(() => lookups.delete(key))
      lookups.set(key, lookup)
      return lookup
    },
    forget: (key) => void copies.delete(key),
  }
}
