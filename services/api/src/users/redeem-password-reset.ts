import type { JudgePassword } from './password-policy.ts'
import type { Passwords } from './passwords.ts'
import type { ReplacePassword } from './replace-password.ts'

export type RedeemResult =
  | Readonly<{ kind: 'done'; user: string }>
  | Readonly<{ kind: 'refused' }>
  | Readonly<{ kind: 'weak-password'; why: string }>
  | Readonly<{ kind: 'busy' }>

export type RedeemPasswordReset = (asked: Readonly<{ token: string; password: string }>) => Promise<RedeemResult>

/** A password that cannot be used, or a full queue, does not use up the token. */
export function createRedeemPasswordReset(o: {
  judgePassword: JudgePassword
  passwords: Pick<Passwords, 'hash'>
  resets: { isValid(token: string): Promise<boolean>; redeem(token: string): Promise<string | undefined> }
  replacePassword: ReplacePassword
}): RedeemPasswordReset {
  return async ({ token, password }) => {
    // Before any hashing: whoever guesses at tokens must not keep the cores busy.
    if (!(await o.resets.isValid(token))) return { kind: 'refused' }
    const why = o.judgePassword(password)
    if (why !== undefined) return { kind: 'weak-password', why }
    const passwordHash = await o.passwords.hash(password)
    if (passwordHash === 'busy') return { kind: 'busy' }
    const user = await o.resets.redeem(token)
    if (user === undefined) return { kind: 'refused' }
    const replaced = await o.replacePassword(user, passwordHash)
    return replaced === undefined ? { kind: 'refused' } : { kind: 'done', user }
  }
}
