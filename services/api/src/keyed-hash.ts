import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { type Secrets, subkeyOf } from '@whatsapp-sender/service-runtime'

const HASH_BYTES = 32

/** HMAC-SHA-256 under a subkey for one purpose, in base64url, of secrets that are kept nowhere else. */
export type KeyedHash = Readonly<{
  of(secret: string): string
  /** Under any of the keys, in constant time. */
  matches(secret: string, hash: string): boolean
  /** The hash to keep in place of `hash`, which matches: undefined, if the newest key has made it. */
  renewed(secret: string, hash: string): string | undefined
}>

/** @param bytes of each hash that are used */
export function createKeyedHash({ newest, others = [] }: Secrets, purpose: string, bytes = HASH_BYTES): KeyedHash {
  const newestKey = subkeyOf(newest, purpose)
  const otherKeys = others.map((other) => subkeyOf(other, purpose))
  const hashOf = (key: KeyObject, secret: string) =>
    createHmac('sha256', key).update(secret).digest().subarray(0, bytes)
  const isMadeBy = (key: KeyObject, secret: string, hash: string): boolean => {
    const [expected, actual] = [Buffer.from(hash, 'base64url'), hashOf(key, secret)]
    return expected.length === actual.length && timingSafeEqual(expected, actual)
  }
  const of = (secret: string) => hashOf(newestKey, secret).toString('base64url')
  return {
    of,
    matches: (secret, hash) =>
      isMadeBy(newestKey, secret, hash) || otherKeys.some((key) => isMadeBy(key, secret, hash)),
    renewed: (secret, hash) => (otherKeys.length === 0 || isMadeBy(newestKey, secret, hash) ? undefined : of(secret)),
  }
}
