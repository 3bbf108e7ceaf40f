import type { RequestLimit } from '../http/request-limit.ts'

export type LoginAttempt =
  | Readonly<{ kind: 'limited'; retryAfterSeconds: number }>
  | Readonly<{
      kind: 'allowed'
      /** Takes the attempt off every count: only failures are to add up. */
      forgive(): Promise<void>
      /** Takes it off the account's counts: its password was not tried. The address has cost us a place all the same. */
      forgiveAccount(): Promise<void>
      end(): void
    }>

export type JudgeLogin = (attempt: { email: string; address: string }) => Promise<LoginAttempt>

/** One being judged and three waiting: more from one address would take the queue from everybody else. */
const OPEN_PER_ADDRESS_MAX = 4
const ADDRESS_FULL: LoginAttempt = { kind: 'limited', retryAfterSeconds: 1 }

/**
 * Per address, per account as tried from one address, and, far above that, per account. In windows that end by
 * themselves; and whoever guesses at an account shuts himself out of it long before its owner.
 */
export function createLoginLimits(o: {
  perAddress: RequestLimit
  perAccountAndAddress: RequestLimit
  perAccount: RequestLimit
}): JudgeLogin {
  const openPerAddress = new Map<string, number>()

  return async ({ email, address }) => {
    const open = openPerAddress.get(address) ?? 0
    if (open >= OPEN_PER_ADDRESS_MAX) return ADDRESS_FULL
    openPerAddress.set(address, open + 1)
    const end = () => leave(address)
    const limited = await take(email, address)
    if (limited > 0) {
      end()
      return { kind: 'limited', retryAfterSeconds: limited }
    }
    const forgiveAccount = async () => {
      await o.perAccountAndAddress.giveBack(pairOf(email, address))
      await o.perAccount.giveBack(email)
    }
    const forgive = async () => {
      await o.perAddress.giveBack(address)
      await forgiveAccount()
    }
    return { kind: 'allowed', forgive, forgiveAccount, end }
  }

  /** 0, or the seconds until there is a point again. */
  async function take(email: string, address: string): Promise<number> {
    return (
      (await o.perAddress.take(address)) ||
      (await o.perAccountAndAddress.take(pairOf(email, address))) ||
      (await o.perAccount.take(email))
    )
  }

  function leave(address: string): void {
    const open = openPerAddress.get(address) ?? 0
    if (open > 1) openPerAddress.set(address, open - 1)
    else openPerAddress.delete(address)
  }
}

function pairOf(email: string, address: string): string {
  return `${address} ${email}`
}
