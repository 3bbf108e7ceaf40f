import type { Part } from '@whatsapp-sender/service-runtime'
import type { Store } from '@whatsapp-sender/store'
import { type ApiKeySecrets, createApiKeySecrets } from './api-keys/api-key-secrets.ts'
import { createIdentifyKey, knownKeyOf } from './api-keys/identify-key.ts'
import { createKeyUses } from './api-keys/key-uses.ts'
import type { Config } from './config.ts'
import type { Events } from './events.ts'
import { type Authenticate, createAuthenticate } from './http/authenticate.ts'
import { createCallerLimit } from './http/caller-limit.ts'
import { createIdentifyOperator } from './http/operator-token.ts'
import { createAccessTokenIssuer, createTokenKeys } from './users/access-tokens.ts'
import { createKnown } from './users/known.ts'
import { createKnownUsers, type KnownUsers } from './users/known-users.ts'
import { createReplacePassword, type ReplacePassword } from './users/replace-password.ts'
import { createSessions, type Sessions } from './users/sessions.ts'

/** Who is calling, and what he may. */
export type Access = Readonly<{
  authenticate: Authenticate
  knownUsers: KnownUsers
  sessions: Sessions
  replacePassword: ReplacePassword
  apiKeySecrets: ApiKeySecrets
  /** After a key was changed here. */
  forgetKnownKey(id: string): void
  /** What runs beside the requests. */
  keyUses: Part
}>

export function createAccess(o: {
  config: Config
  store: Store
  events: Events
  keyUsesEveryMs?: number | undefined
}): Access {
  const { config, store } = o
  const { jwtSecrets, accessTtlSeconds, refreshTtlMs, acceptLegacyTokens, operatorToken } = config.auth
  const keys = createTokenKeys(jwtSecrets)
  const knownUsers = createKnownUsers(store.users)
  const apiKeySecrets = createApiKeySecrets(config.secretKeys)
  const knownKeys = createKnown(async (id) => {
    const row = await store.apiKeys.findById(id)
    return row && knownKeyOf(row)
  })
  const keyUses = createKeyUses({
    markUsed: store.apiKeys.markUsed,
    onFailed: o.events.keyUsesNotWritten,
    ...(o.keyUsesEveryMs !== undefined && { everyMs: o.keyUsesEveryMs }),
  })
  return {
    authenticate: createAuthenticate({
      keys,
      users: knownUsers,
      identifyKey: createIdentifyKey({ secrets: apiKeySecrets, keys: knownKeys, onUsed: keyUses.note }),
      identifyOperator: createIdentifyOperator(operatorToken),
      acceptLegacyTokens,
      limitCaller: createCallerLimit(config.rateLimits),
    }),
    knownUsers,
    sessions: createSessions({
      issueAccessToken: createAccessTokenIssuer({ keys, ttlSeconds: accessTtlSeconds }),
      accessTtlSeconds,
      refreshTtlMs,
      refreshTokens: store.refreshTokens,
      users: store.users,
      forgetKnownUser: knownUsers.forget,
    }),
    replacePassword: createReplacePassword({
      users: store.users,
      refreshTokens: store.refreshTokens,
      forgetKnownUser: knownUsers.forget,
    }),
    apiKeySecrets,
    forgetKnownKey: knownKeys.forget,
    keyUses,
  }
}
