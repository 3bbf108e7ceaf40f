import { setTimeout as wait } from 'node:timers/promises'
import type { Store } from '@whatsapp-sender/store'
import type { RunningApi } from '../system/programs.ts'

/** People who log in at the same time. */
const PEOPLE = 40

export type LoginStorm = Readonly<{
  /** Everybody logs in, again and again, until `during` has ended. Returns how the logins were answered. */
  rage<T>(during: () => Promise<T>): Promise<Readonly<{ result: T; statuses: Readonly<Record<string, number>> }>>
}>

/**
 * Forty accounts, because the API counts the logins of each, with the administrator's password. Whoever is refused with
 * 429 waits as long as he is told to, as a client should; a refused login costs the API next to nothing.
 */
export async function prepareLoginStorm(api: RunningApi, store: Store): Promise<LoginStorm> {
  const admin = await store.users.findByEmail(api.admin.email)
  if (admin === undefined) throw new Error('the first administrator is missing')
  const emails = Array.from({ length: PEOPLE }, (_, n) => `person-${n}@example.com`)
  for (const email of emails) {
    const { passwordHash } = admin
    await store.users.create({ email, fullname: 'Person', passwordHash, role: 'sender', status: 'approved' })
  }
  const logIn = (email: string) => tryLogin(api.url, { email, password: api.admin.password })
  return {
    rage: async (during) => {
      const end = new AbortController()
      const statuses: Record<string, number> = {}
      const people = emails.map(async (email) => {
        while (!end.signal.aborted) {
          const { status, retryAfterMs } = await logIn(email)
          statuses[status] = (statuses[status] ?? 0) + 1
          if (retryAfterMs > 0) await wait(retryAfterMs, undefined, { signal: end.signal }).catch(() => {})
        }
      })
      const result = await during()
      end.abort()
      await Promise.all(people)
      return { result, statuses }
    },
  }
}

async function tryLogin(
  url: string,
  account: Readonly<{ email: string; password: string }>,
): Promise<Readonly<{ status: number; retryAfterMs: number }>> {
  const response = await fetch(`${url}/user/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  })
  await response.arrayBuffer()
  return { status: response.status, retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1000 }
}
