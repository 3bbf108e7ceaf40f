import { createHash } from 'node:crypto'
import { v7 as uuidV7 } from 'uuid'

/** A new message id: UUIDv7, so ids grow with time. */
export function newMessageId(): string {
  return uuidV7()
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
