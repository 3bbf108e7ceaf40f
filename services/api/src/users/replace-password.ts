import type { User } from '@whatsapp-sender/store'

/** Sets the hash and ends every session of the user. Undefined when there is no such user. */
export type ReplacePassword = (userId: string, passwordHash: string) => Promise<User | undefined>

export function createReplacePassword(o: {
  users: { changePassword(id: string, passwordHash: string): Promise<User | undefined> }
  refreshTokens: { revokeAllOf(user: string): Promise<unknown> }
  forgetKnownUser(user: { id: string; email: string }): void
}): ReplacePassword {
  return async (userId, passwordHash) => {
    const user = await o.users.changePassword(userId, passwordHash)
    if (user === undefined) return undefined
    await o.refreshTokens.revokeAllOf(user.id)
    o.forgetKnownUser(user)
    return user
  }
}
