import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Secrets } from '@whatsapp-sender/service-runtime'

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
export function createEventCursors({ newest, others = [] }: Secrets): { of(user: string): EventCursors } {
  return {
    of: (user) => {
      const keyOf = (secretKey: string) =>
        Buffer.from(hkdfSync('sha256', secretKey, '', `event-cursor ${user}`, KEY_BYTES))
      const key = keyOf(newest)
      return {
        seal: (seq) => {
          const block = Buffer.alloc(KEY_BYTES)
          block.writeBigUInt64BE(BigInt(seq), 8)
          return createCipheriv(ALGORITHM, key, null).setAutoPadding(false).update(block).toString('base64url')
        },
        open: (cursor) => {
          if (!FORM.test(cursor)) return undefined
          const sealed = Buffer.from(cursor, 'base64url')
          for (const each of [key, ...others.map(keyOf)]) {
            const seq = placeIn(sealed, each)
            if (seq !== undefined) return seq
          }
          return undefined
        },
      }
    },
  }
}

function placeIn(sealed: Buffer, key: Buffer): number | undefined {
  const block = createDecipheriv(ALGORITHM, key, null).setAutoPadding(false).update(sealed)
  // The first half is nothing but proof.
  if (block.readBigUInt64BE(0) !== 0n) return undefined
  const seq = Number(block.readBigUInt64BE(8))
  return Number.isSafeInteger(seq) ? seq : undefined
}
