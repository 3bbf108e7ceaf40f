import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { subkeyOf } from '../subkey-of.ts'

/**
 * The secret that Evolution sends with every event of an instance, `<instanceId>.<random>`: one per instance, for it can
 * be read back from Evolution. Only its HMAC is kept.
 */
export type WebhookSecrets = Readonly<{
  create(instanceId: string): { secret: string; hash: string }
  /** The instance that the secret says it is of; undefined when it has not the form of one. */
  instanceIdOf(secret: string): string | undefined
  matches(secret: string, hash: string): boolean
}>

const FORM = /^([A-Za-z0-9-]{1,64})\.[A-Za-z0-9_-]{43}$/

export function createWebhookSecrets(secretKey: string): WebhookSecrets {
  const key = subkeyOf(secretKey, 'webhook-secret')
  const hashOf = (secret: string) => createHmac('sha256', key).update(secret).digest()
  return {
    create: (instanceId) => {
      const secret = `${instanceId}.${randomBytes(32).toString('base64url')}`
      return { secret, hash: hashOf(secret).toString('base64url') }
    },
    instanceIdOf: (secret) => FORM.exec(secret)?.[1],
    matches: (secret, hash) => {
      const expected = Buffer.from(hash, 'base64url')
      const actual = hashOf(secret)
      return expected.length === actual.length && timingSafeEqual(expected, actual)
    },
  }
}
