import type { User } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'

/** @throws {ProblemError} 404 when the caller's row was removed while he called */
export function stillThere(user: User | undefined): User {
  if (user === undefined) throw new ProblemError('user-not-found', 'There is no such user.')
  return user
}
