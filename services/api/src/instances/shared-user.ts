import type { User } from '@whatsapp-sender/store'

export type FindUser = (name: string) => Promise<Pick<User, 'id' | 'email' | 'status'> | undefined>

/** Whom a route names by id or e-mail. */
export function createFindSharedUser(o: { findUserById: FindUser; findUserByEmail: FindUser }): FindUser {
  return (name) => (name.includes('@') ? o.findUserByEmail(name) : o.findUserById(name))
}
