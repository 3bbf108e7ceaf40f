import type { User } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'
import { inTime } from '../in-time.ts'
import type { JudgeLogin, LoginAttempt } from './login-limits.ts'
import type { Passwords } from './passwords.ts'
import type { StartSession, Tokens } from './sessions.ts'

export type LogInResult =
  | Readonly<{ kind: 'logged-in'; tokens: Tokens }>
  /** `user`: whose password it is not; undefined: nobody has that address. Not to be told to the caller. */
  | Readonly<{ kind: 'wrong-credentials'; user: string | undefined }>
  | Readonly<{ kind: 'not-approved'; user: string; status: 'pending' | 'rejected' }>
  | Readonly<{ kind: 'limited'; retryAfterSeconds: number }>
  | Readonly<{ kind: 'busy' }>

export type LogIn = (attempt: { email: string; password: string; address: string }) => Promise<LogInResult>

/** That a server has frozen is known to its driver only after three times as long. */
const DATABASE_MS = 5000

export function createLogIn(o: {
  limits: JudgeLogin
  passwords: Pick<Passwords, 'hash' | 'verify'>
  users: {
    findByEmail(email: string): Promise<User | undefined>
    replacePasswordHash(id: string, hash: string): Promise<unknown>
  }
  startSession: StartSession
  onRehashFailed(err: unknown): void
  databaseMs?: number
}): LogIn {
  const { databaseMs = DATABASE_MS } = o
  return async ({ email, password, address }) => {
    // Counted before the password is looked at, so that tries in parallel count as well.
    const attempt = await o.limits({ email, address })
    if (attempt.kind === 'limited') return attempt
    try {
      return await judge({ email, password, address }, attempt)
    } finally {
      attempt.end()
    }
  }

  async function judge(
    { email, password, address }: Readonly<{ email: string; password: string; address: string }>,
    attempt: Extract<LoginAttempt, { kind: 'allowed' }>,
  ): Promise<LogInResult> {
    const user = await answered(o.users.findByEmail(email))
    const verification = await o.passwords.verify(password, user?.passwordHash)
    if (verification === 'busy') {
      await attempt.forgiveAccount()
      return { kind: 'busy' }
    }
    if (user === undefined || !verification.matches) return { kind: 'wrong-credentials', user: user?.id }
    await attempt.forgive()
    // Only now: whoever does not know the password learns nothing about the account.
    if (user.status !== 'approved') return { kind: 'not-approved', user: user.id, status: user.status }
    if (verification.isOutdated) await rehash(user, password)
    return { kind: 'logged-in', tokens: await answered(o.startSession(user, address)) }
  }

  async function answered<T>(asked: Promise<T>): Promise<T> {
    const answer = await inTime(asked, databaseMs)
    if (answer.kind === 'done') return answer.value
    if (answer.kind === 'failed') throw answer.error
    throw new ProblemError('unavailable', 'The database does not answer.', { retryAfterSeconds: 5 })
  }

  /** A login does not fail because its hash could not be renewed: the next one tries again. */
  async function rehash(user: User, password: string): Promise<void> {
    try {
      const hash = await o.passwords.hash(password)
      if (hash !== 'busy') await o.users.replacePasswordHash(user.id, hash)
    } catch (err) {
      o.onRehashFailed(err)
    }
  }
}
