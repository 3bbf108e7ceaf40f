import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 8192

const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

/**
 * A few random bytes, at most 8,192, to be read before the next call. They are drawn many at once: asking the system for
 * each few costs more than the rest of an answer.
 */
export function randomBytes(count: number): Buffer {
  if (used + count > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return pool.subarray(used - count, used)
}
