import type { Store } from '@whatsapp-sender/store'
import type { Config } from './config.ts'
import { type Authenticate, createAuthenticate } from './http/authenticate.ts'
import { createAccessTokenIssuer, createTokenKeys } from './users/access-tokens.ts'
import { createKnownUsers, type KnownUsers } from './users/known-users.ts'
import { createSessions, type Sessions } from './users/sessions.ts'

/** Who is calling, and what he may. */
export type Access = Readonly<{
  authenticate: Authenticate
  knownUsers: KnownUsers
  sessions: Sessions
}>

export function createAccess({ config, store }: Readonly<{ config: Config; store: Store }>): Access {
  const { jwtSecret, accessTtlSeconds, refreshTtlMs, acceptLegacyTokens } = config.auth
  const keys = createTokenKeys(jwtSecret)
  const knownUsers = createKnownUsers(store.users)
  return {
    authenticate: createAuthenticate({ keys, users: knownUsers, acceptLegacyTokens }),
    knownUsers,
    sessions: createSessions({
      issueAccessToken: createAccessTokenIssuer({ keys, ttlSeconds: accessTtlSeconds }),
      accessTtlSeconds,
      refreshTtlMs,
      refreshTokens: store.refreshTokens,
      users: store.users,
      forgetKnownUser: knownUsers.forget,
    }),
  }
}
