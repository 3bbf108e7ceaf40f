import { createRequire } from 'node:module'

type Encoding = { buf: Buffer; offset: number }

/** What most records, headers and requests fit into. */
const BYTES_MIN = 512

/**
 * kafkajs encodes each record, and each of its headers, in 512 bytes of their own from `Buffer.alloc`: memory that has to be
 * asked for, cleared and given back, which was a fifth of what accepting a message costs. From now on its encoders begin
 * with nothing, and take what they need from Node's pool. No byte is sent that was not written: they cut their memory at
 * their offset.
 * @returns false: this kafkajs is another than the one that was looked at (2.2.4), and stays as it is
 */
export function takeEncoderMemoryFromPool(): boolean {
  const encoder: unknown = createRequire(import.meta.url)('kafkajs/src/protocol/encoder.js')
  if (typeof encoder !== 'function' || !('nextPowerOfTwo' in encoder)) return false
  const prototype: unknown = encoder.prototype
  if (typeof prototype !== 'object' || prototype === null || !('ensureAvailable' in prototype)) return false
  // The constructor asks it how much to begin with; nobody else but `ensureAvailable` does.
  Object.assign(encoder, { nextPowerOfTwo: () => 0 })
  Object.assign(prototype, { ensureAvailable })
  return true
}

function ensureAvailable(this: Encoding, length: number): void {
  const needed = this.offset + length
  if (needed <= this.buf.length) return
  const larger = Buffer.allocUnsafe(Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(needed))))
  this.buf.copy(larger, 0, 0, this.offset)
  this.buf = larger
}
