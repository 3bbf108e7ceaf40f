import { z } from 'zod'
import { type Admin, detailOf, post, REQUEST_TIMEOUT_MS, signIn } from './admin-calls.ts'
import { CANARY_INSTANCE } from './prepare-canary.ts'
import { reasonOf } from './reach-servers.ts'
import type { FirstMessage } from './summary.ts'

const DEMO_INSTANCE = 'demo'

const instanceList = z.object({ data: z.array(z.object({ name: z.string() })) })

/** Without one the system is as good; only the first message takes more than one command. */
export async function prepareFirstMessage(system: Admin, o: Surroundings): Promise<FirstMessage> {
  try {
    return await findOrCreateInstance(system, o)
  } catch (error) {
    if (o.signal.aborted) throw error
    return { kind: 'no-instance', reason: `the API at ${system.api} could not be asked: ${reasonOf(error)}` }
  }
}

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
    const owned = (await instancesOf(system.api, token)).find((name) => name !== CANARY_INSTANCE)
    if (owned !== undefined) return { kind: 'instance', name: owned }
  }
  const response = await post(`${system.api}/v1/instances`, { name: DEMO_INSTANCE }, token)
  if (response.status === 201 || response.status === 409) return { kind: 'instance', name: DEMO_INSTANCE }
  return { kind: 'no-instance', reason: `the API created no instance: ${await detailOf(response)}` }
}

async function instancesOf(api: string, token: string): Promise<readonly string[]> {
  const response = await fetch(`${api}/v1/instances`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
  if (!response.ok) return []
  return instanceList.parse(await response.json()).data.map(({ name }) => name)
}
