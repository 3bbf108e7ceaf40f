import type { Role } from '@whatsapp-sender/contract'
import type { User } from '@whatsapp-sender/store'
import type { Principal } from '../principal.ts'

/** At least one of the three. */
export type UserChange = Readonly<{
  review?: Readonly<{ status: 'approved' | 'rejected'; reason?: string | undefined }> | undefined
  role?: Role | undefined
  eventFeed?: boolean | undefined
}>

export type ChangeUserResult = User | 'not-found' | 'own-account' | 'last-admin'

export type ChangeUser = (o: { by: Principal; userId: string; change: UserChange }) => Promise<ChangeUserResult>

/** Rejecting ends every session of the user and stops his instances; approving again starts them. */
export function createChangeUser(o: {
  users: {
    findById(id: string): Promise<User | undefined>
    setRole(id: string, role: Role): Promise<User | 'last-admin' | undefined>
    setStatus(
      id: string,
      status: 'approved' | 'rejected',
      o: { reason?: string | undefined; by: string },
    ): Promise<User | undefined>
    setEventFeed(id: string, eventFeed: boolean): Promise<User | undefined>
  }
  forgetKnownUser(user: { id: string; email: string }): void
}): ChangeUser {
  return async ({ by, userId, change }) => {
    // An administrator must not be able to lock himself out.
    if (change.review !== undefined && userId === by.id) return 'own-account'
    const found = await o.users.findById(userId)
    if (found === undefined) return 'not-found'
    try {
      return await changed(found, change, by)
    } finally {
      o.forgetKnownUser(found)
    }
  }

  async function changed(found: User, change: UserChange, by: Principal): Promise<ChangeUserResult> {
    const { review, role, eventFeed } = change
    let user: User | 'last-admin' | undefined = found
    // First what can be refused.
    if (role !== undefined) user = await o.users.setRole(found.id, role)
    if (user === 'last-admin') return user
    if (review !== undefined)
      user = await o.users.setStatus(found.id, review.status, { reason: review.reason, by: by.id })
    if (eventFeed !== undefined) user = await o.users.setEventFeed(found.id, eventFeed)
    return user ?? 'not-found'
  }
}
