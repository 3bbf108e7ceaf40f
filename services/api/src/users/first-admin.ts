import type { NewUser, User } from '@whatsapp-sender/store'
import type { JudgePassword } from './password-policy.ts'
import type { Passwords } from './passwords.ts'

export type FirstAdminResult = 'created' | 'exists' | 'exists-without-rights' | 'weak-password'

/**
 * Someone has to approve the others: creates the administrator of the configuration, unless the account exists; then it
 * is left as it is.
 */
export async function ensureFirstAdmin(o: {
  account: Readonly<{ email: string; password: string }>
  judgePassword: JudgePassword
  passwords: Pick<Passwords, 'hash'>
  users: { findByEmail(email: string): Promise<User | undefined>; create(user: NewUser): Promise<User | 'email-taken'> }
}): Promise<FirstAdminResult> {
  const { email, password } = o.account
  const existing = await o.users.findByEmail(email)
  if (existing !== undefined) return judgeExisting(existing)
  if (o.judgePassword(password) !== undefined) return 'weak-password'
  const passwordHash = await o.passwords.hash(password)
  if (passwordHash === 'busy') throw new Error('too many passwords are being hashed')
  const created = await o.users.create({
    email,
    fullname: 'Administrator',
    passwordHash,
    role: 'admin',
    status: 'approved',
  })
  // Another replica was faster.
  return created === 'email-taken' ? 'exists' : 'created'
}

function judgeExisting({ role, status }: User): FirstAdminResult {
  return role === 'admin' && status === 'approved' ? 'exists' : 'exists-without-rights'
}
