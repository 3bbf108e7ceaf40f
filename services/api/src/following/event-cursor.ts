import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'

/**
 * A place in the sequence of events as one user carries it, in `Last-Event-ID`. The sequence counts the events of
 * everybody, so the place itself would tell how much others send: it is sealed with a key of the user. What was sealed for
 * another, or made up, does not open.
 */
export type EventCursors = Readonly<{
  seal(seq: number): string
  open(cursor: string): number | undefined
}>

const ALGORITHM = 'aes-128-ecb'
const KEY_BYTES = 16
const FORM = /^[A-Za-z0-9_-]{22}$/

/** One block each, and no two places are the same block: the plainest mode is enough. */
export function createEventCursors(secretKey: string): { of(user: string): EventCursors } {
  return {
    of: (user) => {
      const key = Buffer.from(hkdfSync('sha256', secretKey, '', `event-cursor ${user}`, KEY_BYTES))
      return {
        seal: (seq) => {
          const block = Buffer.alloc(KEY_BYTES)
          block.writeBigUInt64BE(BigInt(seq), 8)
          return createCipheriv(ALGORITHM, key, null).setAutoPadding(false).update(block).toString('base64url')
        },
        open: (cursor) => {
          if (!FORM.test(cursor)) return undefined
          const sealed = Buffer.from(cursor, 'base64url')
          const block = createDecipheriv(ALGORITHM, key, null).setAutoPadding(false).update(sealed)
          // The first half is nothing but proof.
          if (block.readBigUInt64BE(0) !== 0n) return undefined
          const seq = Number(block.readBigUInt64BE(8))
          return Number.isSafeInteger(seq) ? seq : undefined
        },
      }
    },
  }
}
