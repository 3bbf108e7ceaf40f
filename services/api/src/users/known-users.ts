import type { User } from '@whatsapp-sender/store'
import { createKnown, type Known, type KnownOptions } from './known.ts'

export type KnownUser = Known<User>

export type KnownUsers = Readonly<{
  byId(id: string): KnownUser | Promise<KnownUser>
  byEmail(email: string): KnownUser | Promise<KnownUser>
  /** After a change made here; other replicas see it when their copy has aged. */
  forget(user: { id: string; email: string }): void
}>

/** The callers of the last half minute. */
export function createKnownUsers(
  o: KnownOptions &
    Readonly<{
      findById(id: string): Promise<User | undefined>
      findByEmail(email: string): Promise<User | undefined>
    }>,
): KnownUsers {
  const byId = createKnown((id) => o.findById(id), o)
  const byEmail = createKnown((email) => o.findByEmail(email), o)
  return {
    byId: byId.get,
    byEmail: byEmail.get,
    forget: ({ id, email }) => {
      byId.forget(id)
      byEmail.forget(email)
    },
  }
}
