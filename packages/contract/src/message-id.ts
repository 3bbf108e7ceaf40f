import { createHash, randomFillSync } from 'node:crypto'
import { v7 as uuidV7 } from 'uuid'

/** A new message id: UUIDv7. Each is greater than the one before it in this process. */
export function newMessageId(): string {
  const random = nextRandomBytes()
  const now = Date.now()
  if (now > last.msecs) last = { msecs: now, seq: new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1 }
  else last.seq += 1
  return uuidV7({ random, ...last })
}

let last = { msecs: 0, seq: 0 }

const RANDOM_BYTES = 16
// Randomness is drawn for many ids at once: a call to the system for each would cost eight times as much as the id.
const pool = new Uint8Array(256 * RANDOM_BYTES)
let drawn = pool.length

function nextRandomBytes(): Uint8Array {
  if (drawn === pool.length) {
    randomFillSync(pool)
    drawn = 0
  }
  drawn += RANDOM_BYTES
  return pool.subarray(drawn - RANDOM_BYTES, drawn)
}

/**
 * The message id that belongs to a user's idempotency key: UUIDv8 made of SHA-256(user, key). Not keyed by a secret,
 * so a rotated secret cannot turn a repeated call into a second message.
 */
export function messageIdFor(user: string, idempotencyKey: string): string {
  const bytes = createHash('sha256').update(user).update('\0').update(idempotencyKey).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
