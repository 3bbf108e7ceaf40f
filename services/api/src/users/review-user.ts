import type { User } from '@whatsapp-sender/store'
import type { Principal } from '../principal.ts'

export type ReviewUser = (o: {
  reviewer: Principal
  userId: string
  status: 'approved' | 'rejected'
  reason: string | undefined
}) => Promise<User | 'not-found' | 'own-account'>

/** Rejecting ends every session of the user and stops his instances; approving again starts them. */
export function createReviewUser(o: {
  users: {
    setStatus(
      id: string,
      status: 'approved' | 'rejected',
      o: { reason?: string; by: string },
    ): Promise<User | undefined>
  }
  refreshTokens: { revokeAllOf(user: string): Promise<unknown> }
  forgetKnownUser(user: { id: string; email: string }): void
}): ReviewUser {
  return async ({ reviewer, userId, status, reason }) => {
    // The last administrator must not be able to lock everybody out.
    if (userId === reviewer.id) return 'own-account'
    const user = await o.users.setStatus(userId, status, { by: reviewer.id, ...(reason !== undefined && { reason }) })
    if (user === undefined) return 'not-found'
    if (status === 'rejected') await o.refreshTokens.revokeAllOf(user.id)
    o.forgetKnownUser(user)
    return user
  }
}
