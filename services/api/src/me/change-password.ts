import type { User } from '@whatsapp-sender/store'
import type { JudgePassword } from '../users/password-policy.ts'
import type { Passwords } from '../users/passwords.ts'
import type { ReplacePassword } from '../users/replace-password.ts'
import type { StartSession, Tokens } from '../users/sessions.ts'

export type ChangePasswordResult =
  | Readonly<{ kind: 'changed'; tokens: Tokens }>
  | Readonly<{ kind: 'wrong-password' }>
  | Readonly<{ kind: 'weak-password'; why: string }>
  | Readonly<{ kind: 'limited'; retryAfterSeconds: number }>
  | Readonly<{ kind: 'busy' }>

export type ChangePassword = (
  asked: Readonly<{ userId: string; currentPassword: string; newPassword: string; address: string }>,
) => Promise<ChangePasswordResult>

/** Ends every session, the caller's too, and gives him a new one. */
export function createChangePassword(o: {
  /** Per user: whoever has got hold of an access token must not guess at the password with it. */
  limit: { take(key: string): Promise<number> }
  judgePassword: JudgePassword
  passwords: Pick<Passwords, 'hash' | 'verify'>
  findUser(id: string): Promise<User | undefined>
  replacePassword: ReplacePassword
  startSession: StartSession
}): ChangePassword {
  return async ({ userId, currentPassword, newPassword, address }) => {
    const waitSeconds = await o.limit.take(userId)
    if (waitSeconds > 0) return { kind: 'limited', retryAfterSeconds: waitSeconds }
    const why = o.judgePassword(newPassword)
    if (why !== undefined) return { kind: 'weak-password', why }
    const user = await o.findUser(userId)
    const verification = await o.passwords.verify(currentPassword, user?.passwordHash)
    if (verification === 'busy') return { kind: 'busy' }
    if (!verification.matches) return { kind: 'wrong-password' }
    const passwordHash = await o.passwords.hash(newPassword)
    if (passwordHash === 'busy') return { kind: 'busy' }
    const changed = await o.replacePassword(userId, passwordHash)
    if (changed === undefined) return { kind: 'wrong-password' }
    return { kind: 'changed', tokens: await o.startSession(changed, address) }
  }
}
