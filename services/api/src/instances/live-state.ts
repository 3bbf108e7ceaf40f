import type { InstanceState } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Instance } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'

/** `stateStale`: Evolution could not be asked in time, and `state` is what was last known. */
export type LiveState = Readonly<{ state: InstanceState; stateStale?: true }>

export type ReadLiveState = (instance: Instance) => Promise<LiveState>

const TIMEOUT_MS = 3000

export function createReadLiveState(o: {
  evolution: Pick<EvolutionServers, 'connectionState'>
  instances: { requestCheck(id: string): Promise<unknown> }
}): ReadLiveState {
  return async (instance) => {
    const { name, evolutionServer: server, evolutionToken: apiKey } = instance
    const answer = await inTime(o.evolution.connectionState({ server, instance: name, apiKey }), TIMEOUT_MS)
    if (answer.kind !== 'done' || 'failure' in answer.value) return { state: instance.state, stateStale: true }
    const state = answer.value.state === 'loading' ? 'connecting' : answer.value.state
    // Only the owner of the instance moves its gate; it is told to look.
    if (state !== instance.state) await o.instances.requestCheck(instance.id).catch(() => {})
    return { state }
  }
}
