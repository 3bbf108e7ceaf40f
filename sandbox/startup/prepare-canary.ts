import { type Admin, detailOf, post, signIn } from './admin-calls.ts'
import { reasonOf } from './reach-servers.ts'

export const CANARY_INSTANCE = 'canary'

/**
 * Sees to it that there is an instance of the canary's own, so that its messages are in nobody's way: one of the simulator,
 * and on somebody's own Evolution one that reaches no phone.
 * Answers why there is none, if so; the canary runs all the same, and tells that it is refused.
 */
export async function prepareCanary(
  system: Admin,
  { evolutionIsGiven, signal }: Readonly<{ evolutionIsGiven: boolean; signal: AbortSignal }>,
): Promise<string | undefined> {
  try {
    const token = await signIn(system, signal)
    if (token === undefined) return `the API refuses the password of ${system.admin.email}`
    const instance = { name: CANARY_INSTANCE, ...(evolutionIsGiven && { kind: 'sandbox' }) }
    const response = await post(`${system.api}/v1/instances`, instance, token)
    // 409: it is there from an earlier start.
    return response.status === 201 || response.status === 409 ? undefined : await detailOf(response)
  } catch (error) {
    if (signal.aborted) throw error
    return reasonOf(error)
  }
}
