import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ReadySystem } from './ready-file.ts'

export type Admin = Pick<ReadySystem, 'api' | 'admin'>

export const REQUEST_TIMEOUT_MS = 10_000
const SIGN_IN_TIMEOUT_MS = 20_000

const signedIn = z.object({ access_token: z.string() })
const problem = z.object({ detail: z.string() })

/** The admin is written after the API is ready, for the API accepts messages without its database. */
export async function signIn({ api, admin }: Admin, signal: AbortSignal): Promise<string | undefined> {
  const deadline = performance.now() + SIGN_IN_TIMEOUT_MS
  do {
    const response = await post(`${api}/user/login`, admin)
    if (response.ok) return signedIn.parse(await response.json()).access_token
    await response.body?.cancel()
    await sleep(250, undefined, { signal })
  } while (performance.now() < deadline)
  return undefined
}

export function post(url: string, body: unknown, token?: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
}

/** What a problem says, for a person. */
export async function detailOf(response: Response): Promise<string> {
  const { data } = problem.safeParse(await response.json().catch(() => undefined))
  return data?.detail ?? `it answered ${response.status}`
}
