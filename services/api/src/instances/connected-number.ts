import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Instance, Store } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import type { LiveState } from './live-state.ts'

/** The number of the phone that an instance is connected with, as far as Evolution tells; undefined while it has none. */
export type ReadConnectedNumber = (instance: Instance, live: LiveState) => Promise<string | undefined>

const TIMEOUT_MS = 3000

/** Evolution is asked once in the time of a connection: it counts all messages of an instance for each such answer. */
export function createReadConnectedNumber(o: {
  evolution: Pick<EvolutionServers, 'fetchInstance'>
  instances: Pick<Store['instances'], 'setConnectedNumber'>
}): ReadConnectedNumber {
  return async ({ id, name, channel, evolutionServer: server, connectedNumber }, { state, stateStale }) => {
    if (state !== 'open') return undefined
    if (connectedNumber !== undefined || channel !== 'baileys' || stateStale) return connectedNumber
    const answer = await inTime(o.evolution.fetchInstance({ server, name }), TIMEOUT_MS)
    if (answer.kind !== 'done' || 'failure' in answer.value) return undefined
    const { instance } = answer.value
    // Until its database says so, too, it may be the number of the phone before.
    const number = instance?.connectionStatus === 'open' ? numberOf(instance.ownerJid) : undefined
    if (number !== undefined) await o.instances.setConnectedNumber(id, number).catch(() => {})
    return number
  }
}

/** `5511999990000:12@s.whatsapp.net` → `+5511999990000` */
function numberOf(jid = ''): string | undefined {
  const digits = /^(\d{7,15})(?::\d+)?@s\.whatsapp\.net$/.exec(jid)?.[1]
  return digits && `+${digits}`
}
