import { randomBytes } from 'node:crypto'
import type { Secrets } from '@whatsapp-sender/service-runtime'
import { createKeyedHash } from '../keyed-hash.ts'

/**
 * The secret that Evolution sends with every event of an instance, `<instanceId>.<random>`: one per instance, for it can
 * be read back from Evolution. Only its HMAC is kept.
 */
export type WebhookSecrets = Readonly<{
  create(instanceId: string): { secret: string; hash: string }
  /** The instance that the secret says it is of; undefined when it has not the form of one. */
  instanceIdOf(secret: string): string | undefined
  matches(secret: string, hash: string): boolean
  /** The hash to keep in place of one that matches: undefined, if it was made with the newest `SECRET_KEY`. */
  renewed(secret: string, hash: string): string | undefined
}>

const FORM = /^([A-Za-z0-9-]{1,64})\.[A-Za-z0-9_-]{43}$/

export function createWebhookSecrets(keys: Secrets): WebhookSecrets {
  const hashes = createKeyedHash(keys, 'webhook-secret')
  return {
    create: (instanceId) => {
      const secret = `${instanceId}.${randomBytes(32).toString('base64url')}`
      return { secret, hash: hashes.of(secret) }
    },
    instanceIdOf: (secret) => FORM.exec(secret)?.[1],
    matches: hashes.matches,
    renewed: hashes.renewed,
  }
}
