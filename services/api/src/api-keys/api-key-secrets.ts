import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { subkeyOf } from '../subkey-of.ts'

/** What every key begins with, so that a scanner for leaked secrets knows one. */
export const API_KEY_PREFIX = 'wsk_'

/** A key is `wsk_<id>_<32 random bytes><check>`; only its HMAC under a subkey of `SECRET_KEY` is kept. */
export type ApiKeySecrets = Readonly<{
  create(): { id: string; key: string; hash: string }
  /** Undefined for what was never made here: nobody is asked about it. */
  idOf(key: string): string | undefined
  matches(key: string, hash: string): boolean
}>

const FORM = /^wsk_([0-9a-f]{16})_[A-Za-z0-9_-]{51}$/
const CHECK_BYTES = 6
const CHECK_LENGTH = 8

export function createApiKeySecrets(secretKey: string): ApiKeySecrets {
  const hashKey = subkeyOf(secretKey, 'api-key')
  const checkKey = subkeyOf(secretKey, 'api-key-check')
  const hashOf = (key: string) => createHmac('sha256', hashKey).update(key).digest()
  const checkOf = (unchecked: string) =>
    createHmac('sha256', checkKey).update(unchecked).digest().subarray(0, CHECK_BYTES)
  return {
    create: () => {
      const id = randomBytes(8).toString('hex')
      const unchecked = `${API_KEY_PREFIX}${id}_${randomBytes(32).toString('base64url')}`
      const key = unchecked + checkOf(unchecked).toString('base64url')
      return { id, key, hash: hashOf(key).toString('base64url') }
    },
    idOf: (key) => {
      const id = FORM.exec(key)?.[1]
      if (id === undefined) return undefined
      const check = Buffer.from(key.slice(-CHECK_LENGTH), 'base64url')
      return timingSafeEqual(check, checkOf(key.slice(0, -CHECK_LENGTH))) ? id : undefined
    },
    matches: (key, hash) => {
      const expected = Buffer.from(hash, 'base64url')
      const actual = hashOf(key)
      return expected.length === actual.length && timingSafeEqual(expected, actual)
    },
  }
}
