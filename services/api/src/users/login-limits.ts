import type { RequestLimit } from '../http/request-limit.ts'

export type LoginAttempt =
  | Readonly<{ kind: 'limited'; retryAfterSeconds: number }>
  /** `forgive` takes the attempt off the counts: only failures are to add up. */
  | Readonly<{ kind: 'allowed'; forgive(): Promise<void> }>

export type JudgeLogin = (attempt: { email: string; address: string }) => Promise<LoginAttempt>

/** Per account and per address, in windows that end by themselves: nobody can lock another user out for good. */
export function createLoginLimits(o: { perAccount: RequestLimit; perAddress: RequestLimit }): JudgeLogin {
  return async ({ email, address }) => {
    const addressWait = await o.perAddress.take(address)
    if (addressWait > 0) return { kind: 'limited', retryAfterSeconds: addressWait }
    const accountWait = await o.perAccount.take(email)
    if (accountWait > 0) return { kind: 'limited', retryAfterSeconds: accountWait }
    return {
      kind: 'allowed',
      forgive: async () => {
        await o.perAddress.giveBack(address)
        await o.perAccount.giveBack(email)
      },
    }
  }
}
