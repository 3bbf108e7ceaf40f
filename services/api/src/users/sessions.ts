import type { User } from '@whatsapp-sender/store'
import type { IssueAccessToken } from './access-tokens.ts'

export type Tokens = Readonly<{
  access_token: string
  token_type: 'Bearer'
  /** Seconds. */
  expires_in: number
  refresh_token: string
}>

/** `address`: where the login came from. */
export type StartSession = (user: User, address: string) => Promise<Tokens>

/** Each use of a refresh token gives a new one; an old one used again ends the whole session. */
export type RefreshSession = (refreshToken: string) => Promise<Tokens | 'refused'>

/** Ends every session of the user: refresh tokens at once, access tokens as soon as the copies of the user have aged. */
export type EndSessions = (user: { id: string; email: string }) => Promise<void>

export type Sessions = Readonly<{ start: StartSession; refresh: RefreshSession; endAll: EndSessions }>

export function createSessions(o: {
  issueAccessToken: IssueAccessToken
  accessTtlSeconds: number
  refreshTtlMs: number
  refreshTokens: {
    issue(o: { user: string; ttlMs: number; address: string }): Promise<string>
    rotate(
      token: string,
      ttlMs: number,
    ): Promise<{ kind: 'rotated'; user: string; token: string } | { kind: 'refused' }>
    revokeAllOf(user: string): Promise<unknown>
  }
  users: { findById(id: string): Promise<User | undefined>; bumpTokenVersion(id: string): Promise<unknown> }
  forgetKnownUser(user: { id: string; email: string }): void
}): Sessions {
  const tokens = (user: User, refreshToken: string): Tokens => ({
    access_token: o.issueAccessToken({ userId: user.id, version: user.tokenVersion }),
    token_type: 'Bearer',
    expires_in: o.accessTtlSeconds,
    refresh_token: refreshToken,
  })
  return {
    start: async (user, address) =>
      tokens(user, await o.refreshTokens.issue({ user: user.id, ttlMs: o.refreshTtlMs, address })),
    refresh: async (refreshToken) => {
      const rotation = await o.refreshTokens.rotate(refreshToken, o.refreshTtlMs)
      if (rotation.kind === 'refused') return 'refused'
      const user = await o.users.findById(rotation.user)
      return user?.status === 'approved' ? tokens(user, rotation.token) : 'refused'
    },
    endAll: async (user) => {
      await o.refreshTokens.revokeAllOf(user.id)
      await o.users.bumpTokenVersion(user.id)
      o.forgetKnownUser(user)
    },
  }
}
