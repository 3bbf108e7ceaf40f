import type { SendFailure } from '@whatsapp-sender/contract'
import type { Connection, EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Instance } from '@whatsapp-sender/store'

export type RestartInstanceResult =
  | Readonly<{ kind: 'restarted'; connection: Connection }>
  /** There is no login to restart. */
  | Readonly<{ kind: 'not-connected' }>
  | Readonly<{ kind: 'evolution-failed'; failure: SendFailure }>

export type RestartInstance = (instance: Instance) => Promise<RestartInstanceResult>

/** Makes Evolution connect to WhatsApp anew, with the login that it has. */
export function createRestartInstance(o: {
  evolution: Pick<EvolutionServers, 'restart' | 'connectionState'>
  instances: { requestCheck(id: string): Promise<unknown> }
}): RestartInstance {
  return async ({ id, name, evolutionServer: server, evolutionToken: apiKey }) => {
    const of = { server, instance: name, apiKey }
    const connection = await o.evolution.restart(of)
    // Whatever came of it, the socket may have been lost on the way: the owner of the instance is told to look.
    await o.instances.requestCheck(id).catch(() => {})
    if (!('failure' in connection)) return { kind: 'restarted', connection }
    // Evolution says the same of an instance that is closed and of one that it is still loading.
    const live = await o.evolution.connectionState(of)
    if ('state' in live && live.state === 'close') return { kind: 'not-connected' }
    return { kind: 'evolution-failed', failure: connection.failure }
  }
}
