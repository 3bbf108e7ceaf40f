import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { reasonOf } from './reach-servers.ts'
import type { ReadySystem } from './ready-file.ts'
import type { FirstMessage } from './summary.ts'

const DEMO_INSTANCE = 'demo'
const REQUEST_TIMEOUT_MS = 10_000
const SIGN_IN_TIMEOUT_MS = 20_000

const signedIn = z.object({ access_token: z.string() })
const instanceList = z.object({ data: z.array(z.object({ name: z.string() })) })

const problem = z.object({ detail: z.string() })

/** Without one the system is as good; only the first message takes more than one command. */
export async function prepareFirstMessage(system: Admin, o: Surroundings): Promise<FirstMessage> {
  try {
    return await findOrCreateInstance(system, o)
  } catch (error) {
    if (o.signal.aborted) throw error
    return { kind: 'no-instance', reason: `the API at ${system.api} could not be asked: ${reasonOf(error)}` }
  }
}

type Admin = Pick<ReadySystem, 'api' | 'admin'>
type Surroundings = Readonly<{ evolutionIsGiven: boolean; signal: AbortSignal }>

/**
 * Sees to it that the admin owns an instance to send from. On somebody's own Evolution one that he has is taken before
 * one is made.
 */
async function findOrCreateInstance(system: Admin, o: Surroundings): Promise<FirstMessage> {
  const token = await signIn(system, o.signal)
  if (token === undefined) {
    return { kind: 'no-instance', reason: `the API refuses the password of ${system.admin.email}.` }
  }
  if (o.evolutionIsGiven) {
    const [owned] = await instancesOf(system.api, token)
    if (owned !== undefined) return { kind: 'instance', name: owned }
  }
  const response = await post(`${system.api}/v1/instances`, { name: DEMO_INSTANCE }, token)
  if (response.status === 201 || response.status === 409) return { kind: 'instance', name: DEMO_INSTANCE }
  const { data } = problem.safeParse(await response.json())
  return { kind: 'no-instance', reason: `the API created no instance: ${data?.detail ?? response.status}` }
}

/** The admin is written after the API is ready, for the API accepts messages without its database. */
async function signIn({ api, admin }: Admin, signal: AbortSignal): Promise<string | undefined> {
  const deadline = performance.now() + SIGN_IN_TIMEOUT_MS
  do {
    const response = await post(`${api}/user/login`, admin)
    if (response.ok) return signedIn.parse(await response.json()).access_token
    await response.body?.cancel()
    await sleep(250, undefined, { signal })
  } while (performance.now() < deadline)
  return undefined
}

async function instancesOf(api: string, token: string): Promise<readonly string[]> {
  const response = await fetch(`${api}/v1/instances`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
  if (!response.ok) return []
  return instanceList.parse(await response.json()).data.map(({ name }) => name)
}

function post(url: string, body: unknown, token?: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
}
