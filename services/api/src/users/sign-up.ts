import type { User } from '@whatsapp-sender/store'
import type { JudgePassword } from './password-policy.ts'
import type { Passwords } from './passwords.ts'

export type SignUpResult =
  | Readonly<{ kind: 'signed-up'; user: User }>
  | Readonly<{ kind: 'weak-password'; why: string }>
  | Readonly<{ kind: 'email-taken' }>
  | Readonly<{ kind: 'busy' }>

export type SignUp = (applicant: { email: string; fullname: string; password: string }) => Promise<SignUpResult>

export function createSignUp(o: {
  judgePassword: JudgePassword
  passwords: Pick<Passwords, 'hash'>
  users: {
    create(user: {
      email: string
      fullname: string
      passwordHash: string
      role: 'sender'
      status: 'pending'
    }): Promise<User | 'email-taken'>
  }
}): SignUp {
  return async ({ email, fullname, password }) => {
    const why = o.judgePassword(password)
    if (why !== undefined) return { kind: 'weak-password', why }
    const passwordHash = await o.passwords.hash(password)
    if (passwordHash === 'busy') return { kind: 'busy' }
    const user = await o.users.create({ email, fullname, passwordHash, role: 'sender', status: 'pending' })
    return user === 'email-taken' ? { kind: 'email-taken' } : { kind: 'signed-up', user }
  }
}
