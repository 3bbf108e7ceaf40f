import { randomBytes } from 'node:crypto'
import type { Secrets } from '@whatsapp-sender/service-runtime'
import { createKeyedHash } from '../keyed-hash.ts'

/** What every key begins with, so that a scanner for leaked secrets knows one. */
export const API_KEY_PREFIX = 'wsk_'

/**
 * A key is `wsk_<id>_<32 random bytes><check>`; only its HMAC under a subkey of `SECRET_KEY` is kept. The check is of that
 * key too, and is in the caller's hands: an API key holds as long as the key that made it is let in.
 */
export type ApiKeySecrets = Readonly<{
  create(): { id: string; key: string; hash: string }
  /** Undefined for what was never made here: nobody is asked about it. */
  idOf(key: string): string | undefined
  matches(key: string, hash: string): boolean
}>

const FORM = /^wsk_([0-9a-f]{16})_[A-Za-z0-9_-]{51}$/
const CHECK_BYTES = 6
const CHECK_LENGTH = 8

export function createApiKeySecrets(keys: Secrets): ApiKeySecrets {
  const hashes = createKeyedHash(keys, 'api-key')
  const checks = createKeyedHash(keys, 'api-key-check', CHECK_BYTES)
  return {
    create: () => {
      const id = randomBytes(8).toString('hex')
      const unchecked = `${API_KEY_PREFIX}${id}_${randomBytes(32).toString('base64url')}`
      const key = unchecked + checks.of(unchecked)
      return { id, key, hash: hashes.of(key) }
    },
    idOf: (key) => {
      const id = FORM.exec(key)?.[1]
      if (id === undefined) return undefined
      return checks.matches(key.slice(0, -CHECK_LENGTH), key.slice(-CHECK_LENGTH)) ? id : undefined
    },
    matches: hashes.matches,
  }
}
