import type { User } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'

export type FindUserByEmail = (email: string) => Promise<Pick<User, 'id' | 'status'> | undefined>

/** @throws {ProblemError} 400 about the field `ownerEmail` */
export async function approvedOwner(
  findUserByEmail: FindUserByEmail,
  email: string,
): Promise<Readonly<{ id: string }>> {
  const found = await findUserByEmail(email)
  if (found?.status === 'approved') return found
  const message = 'must be the e-mail of an approved account'
  throw new ProblemError('invalid-request', `ownerEmail: ${message}`, { errors: [{ field: 'ownerEmail', message }] })
}
